import { App } from "antd";
import type { ReactNode } from "react";
import { antLocales } from "../i18n/ant-locales";
import { UiProvider } from "./UiProvider";

/** UiProvider with the design system's locales and its messages, notices and dialogues (`App.useApp()`). */
export function AppProvider({ children }: { children: ReactNode }) {
  return (
    <UiProvider locales={antLocales}>
      <App message={{ maxCount: 3 }}>{children}</App>
    </UiProvider>
  );
}

import "@yanshu/ui/base.css";
import { startTexts, UiProvider } from "@yanshu/ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { EntryPages } from "./EntryPages";

await startTexts((language) => (language === "zh-CN" ? import("./locales/zh-CN.json") : import("./locales/en.json")));

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <UiProvider>
      <EntryPages />
    </UiProvider>
  </StrictMode>,
);

import "@yanshu/ui/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { onSignedOut } from "@yanshu/api";
import { AppProvider, startTexts } from "@yanshu/ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { paths } from "./paths";
import { queryClient, router } from "./router";

onSignedOut(() => location.assign(paths.signIn(location.pathname + location.search)));

await startTexts((language) => (language === "zh-CN" ? import("./locales/zh-CN.json") : import("./locales/en.json")));

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <AppProvider>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </AppProvider>
  </StrictMode>,
);

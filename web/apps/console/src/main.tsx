import "@yanshu/ui/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { newQueryClient } from "@yanshu/api/query";
import { AppProvider, startTexts } from "@yanshu/ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeRouter } from "./router";

await startTexts(
  (language) => (language === "zh-CN" ? import("./locales/zh-CN.json") : import("./locales/en.json")),
  true,
);

const client = newQueryClient();
const router = makeRouter(client);

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <AppProvider>
        <RouterProvider router={router} />
      </AppProvider>
    </QueryClientProvider>
  </StrictMode>,
);

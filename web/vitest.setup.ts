import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

const inPage = typeof window !== "undefined";

// What jsdom lacks and the components ask for.
if (inPage) {
  window.matchMedia ??= (query: string) =>
    ({
      matches: false,
      media: query,
      onchange: null,
      addEventListener: () => {},
      removeEventListener: () => {},
      addListener: () => {},
      removeListener: () => {},
      dispatchEvent: () => false,
    }) as MediaQueryList;
  window.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  vi.stubGlobal("scrollTo", () => {});
}

afterEach(() => {
  if (!inPage) return;
  cleanup();
  localStorage.clear();
});

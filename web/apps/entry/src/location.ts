import { useSyncExternalStore } from "react";

const changed = "yanshu:location";

/** The address of the page, kept up with the back button. These few pages need no more of a router. */
export function useLocation(): { pathname: string; search: string } {
  const href = useSyncExternalStore(
    (listener) => {
      window.addEventListener("popstate", listener);
      window.addEventListener(changed, listener);
      return () => {
        window.removeEventListener("popstate", listener);
        window.removeEventListener(changed, listener);
      };
    },
    () => location.pathname + location.search,
  );
  const [pathname = "/", search = ""] = href.split(/(?=\?)/);
  return { pathname, search };
}

/** Shows another of these pages without loading anew; what was asked for before signing in is kept. */
export function goTo(pathname: string) {
  history.pushState(null, "", pathname + nextOf(location.search));
  window.dispatchEvent(new Event(changed));
}

/** Leaves for a page of another app. */
export function leaveFor(address: string) {
  location.assign(address);
}

function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next");
  return next === null ? "" : `?next=${encodeURIComponent(next)}`;
}

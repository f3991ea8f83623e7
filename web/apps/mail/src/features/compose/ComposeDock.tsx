import { useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { useMedia } from "@yanshu/ui";
import { useEffect, useRef } from "react";
import { ComposeWindowView } from "./ComposeWindowView";
import { compose, useComposeWindows } from "./windows";
import "./compose.css";

declare module "@tanstack/history" {
  interface HistoryState {
    /** The window that takes a phone's whole screen, so that its back button closes it. */
    compose?: number;
  }
}

/** The mails that are being written: side by side at the bottom right; on a phone one takes the screen. */
export default function ComposeDock() {
  const windows = useComposeWindows();
  const narrow = useMedia("(max-width: 860px)");
  const front = windows.findLast(({ minimised }) => !minimised);
  useBackButton(narrow ? front?.key : undefined);
  return (
    <div className="compose-dock" data-narrow={narrow || undefined}>
      {windows.map((one) => (
        <ComposeWindowView
          key={one.key}
          window={one}
          narrow={narrow}
          hidden={narrow && !one.minimised && one !== front}
        />
      ))}
    </div>
  );
}

// A phone's back button leaves the mail that is being written, not the page below it.
function useBackButton(key: number | undefined) {
  const navigate = useNavigate();
  const router = useRouter();
  const shown = useRouterState({ select: (state) => state.location.state.compose });
  const before = useRef<{ key: number | undefined; shown: number | undefined }>({ key: undefined, shown: undefined });
  useEffect(() => {
    const { key: keyBefore, shown: shownBefore } = before.current;
    before.current = { key, shown };
    if (key !== undefined && key !== keyBefore && shown !== key) {
      void navigate({
        to: ".",
        params: true,
        search: true,
        state: (state) => ({ ...state, compose: key }),
        replace: shown !== undefined,
      });
    } else if (key !== undefined && key === keyBefore && shownBefore === key && shown === undefined) {
      compose.minimise(key, true);
    } else if (key === undefined && keyBefore !== undefined && shown === keyBefore) router.history.back();
  }, [key, shown, navigate, router]);
}

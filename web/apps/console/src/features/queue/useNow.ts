import { useEffect, useState } from "react";

const step = 10_000;

/** The time, looked at every ten seconds while the page is in sight: enough for what is told in minutes. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const look = () => {
      if (!document.hidden) setNow(new Date());
    };
    const timer = setInterval(look, step);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return now;
}

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "../parts/notices";

/** Tells screen readers of new mail. */
export function useArrivals(unread: number | undefined) {
  const { t } = useTranslation();
  const before = useRef(unread);
  useEffect(() => {
    const count = (unread ?? 0) - (before.current ?? unread ?? 0);
    before.current = unread;
    if (count > 0) announce(t("list.arrived", { count }));
  }, [unread, t]);
}

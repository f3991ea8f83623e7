import { StatusTag, type StatusTone } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import type { MemberState } from "../server/types";

const tones: Record<MemberState, StatusTone> = {
  active: "success",
  pending: "warning",
  leaving: "warning",
  suspended: "danger",
  locked: "danger",
  expired: "danger",
  recycled: "neutral",
};

/** A member's state, told by word and mark as well as by colour. */
export function StateTag({ state }: { state: MemberState }) {
  const { t } = useTranslation();
  return (
    <StatusTag tone={tones[state]} hollow={state === "pending" || state === "recycled"}>
      {t(`memberStates.${state}`)}
    </StatusTag>
  );
}

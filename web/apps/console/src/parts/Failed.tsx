import { asProblem } from "@yanshu/api";
import { ErrorState, ForbiddenState } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import { useSession } from "../session/session";

/** In the place of what could not be shown: what is wrong and what to do, or that the reader may not see it. */
export function Failed({ problem, title, retry }: { problem: unknown; title?: string; retry?: () => void }) {
  const { t } = useTranslation();
  const { organisation } = useSession();
  const told = asProblem(problem);
  if (told.isForbidden) return <ForbiddenState scope={organisation.name} />;
  return <ErrorState problem={told} title={title ?? t("states.failed")} onRetry={retry} />;
}

/** A problem beside what caused it; nothing while there is none. */
export function Told({ problem }: { problem: unknown }) {
  if (problem === null || problem === undefined) return null;
  return <ErrorState problem={asProblem(problem)} />;
}

import { StatusTag, useTimeContext } from "@yanshu/ui";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../parts/useFormats";
import type { QueueAnswer } from "../../server/types";
import { dueText } from "./dueText";
import { answerLine, answerReason } from "./queueAnswers";
import { type Standing, standingTones } from "./queueStanding";

/** How it stands, by word and mark as well as by colour. */
export function StandingTag({ standing }: { standing: Standing }) {
  const { t } = useTranslation();
  return <StatusTag {...standingTones[standing]}>{t(`queueStandings.${standing}`)}</StatusTag>;
}

/** When it is tried next: how long it is until then, and the exact time. */
export function DueTime({ at, now }: { at: string; now: Date }) {
  const { t } = useTranslation();
  const { language } = useTimeContext();
  const formats = useFormats();
  return (
    <time dateTime={at} className="queue-two">
      <span>{dueText(t, at, now, language)}</span>
      <span className="part-quiet">{formats.time(at)}</span>
    </time>
  );
}

/** What was answered last: what it comes to, and who said it in which words. */
export function AnswerText({ answer }: { answer: QueueAnswer }) {
  const { t } = useTranslation();
  const words = answerLine(answer);
  return (
    <div className="queue-two">
      <span>{t(`queueAnswers.${answerReason(answer)}`)}</span>
      <span className="part-quiet queue-words">
        {answer.host === null ? words : t("queue.said", { host: answer.host, words })}
      </span>
    </div>
  );
}

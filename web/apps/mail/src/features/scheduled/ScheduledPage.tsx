import { ClockCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "@yanshu/api";
import {
  EmptyState,
  ErrorState,
  LoadingSkeleton,
  problemText,
  timeText,
  useDocumentTitle,
  useMedia,
  useTimeContext,
} from "@yanshu/ui";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { compose } from "../compose/windows";
import { FolderPane } from "../mail/folders/FolderPane";
import { showNotice } from "../mail/parts/notices";
import { useMail } from "../mail/store/useMail";
import { scheduledSlug } from "./ScheduledLink";
import { type ScheduledMail, scheduledQuery, sendNow, takeBack } from "./scheduled";
import "../mail/mail.css";
import "./scheduled.css";

/** What waits to be sent: when, to whom, and the ways to stop it or to send it now. */
export function ScheduledPage() {
  const { t } = useTranslation();
  const mail = useMail();
  const narrow = useMedia("(max-width: 860px)");
  const scheduled = useQuery(scheduledQuery(mail.client));
  useDocumentTitle(t("scheduled.title"));
  return (
    <div className="mail">
      {!narrow && (
        <div className="mail-folders">
          <FolderPane current={scheduledSlug} />
        </div>
      )}
      <section className="scheduled" aria-labelledby="scheduled-title">
        <header className="scheduled-head">
          <h1 id="scheduled-title">{t("scheduled.title")}</h1>
          <p>{t("scheduled.hint")}</p>
        </header>
        {scheduled.data === undefined ? (
          scheduled.error === null ? (
            <LoadingSkeleton />
          ) : (
            <ErrorState
              problem={asProblem(scheduled.error)}
              title={t("scheduled.failed")}
              onRetry={() => void scheduled.refetch()}
            />
          )
        ) : scheduled.data.length === 0 ? (
          <EmptyState
            title={t("scheduled.none")}
            text={t("scheduled.noneText")}
            action={<Button onClick={() => compose.open()}>{t("scheduled.write")}</Button>}
          />
        ) : (
          <ul className="scheduled-list" aria-label={t("scheduled.list")}>
            {scheduled.data.map((one) => (
              <Waiting key={one.submissionId} one={one} />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function Waiting({ one }: { one: ScheduledMail }) {
  const { t } = useTranslation();
  const mail = useMail();
  const context = useTimeContext();
  const { message } = App.useApp();
  const [acting, setActing] = useState<"send" | "cancel" | null>(null);
  const { email } = one;
  const named = [...(email?.to ?? []), ...(email?.cc ?? []), ...(email?.bcc ?? [])];
  const names = named.length > 0 ? named.map(({ name, email: address }) => name || address) : one.recipients;
  const subject = email === null ? t("scheduled.deleted") : email.subject?.trim() || t("scheduled.noSubject");

  async function act(kind: "send" | "cancel") {
    setActing(kind);
    try {
      if (kind === "send") {
        await sendNow(mail, one);
        showNotice({ text: t("compose.sent") });
      } else {
        await takeBack(mail, one);
        showNotice({ text: t("scheduled.canceled") });
        if (email !== null) compose.open({ kind: "draft", emailId: one.emailId });
      }
    } catch (cause) {
      void message.error(problemText(t, asProblem(cause)));
      await mail.changed().catch(() => {});
    } finally {
      setActing(null);
    }
  }

  return (
    <li className="scheduled-mail">
      <div className="scheduled-what">
        <p className="scheduled-when">
          <ClockCircleOutlined aria-hidden /> <time dateTime={one.sendAt}>{timeText(one.sendAt, context)}</time>
        </p>
        <p className="scheduled-subject">{subject}</p>
        <p className="scheduled-to">{t("scheduled.to", { names: names.join(t("list.comma")) })}</p>
        {email !== null && email.preview !== "" && <p className="scheduled-preview">{email.preview}</p>}
      </div>
      <div className="scheduled-acts">
        {email !== null && (
          <Button
            loading={acting === "send"}
            disabled={acting !== null}
            aria-label={t("scheduled.sendNowOf", { subject })}
            onClick={() => void act("send")}
          >
            {t("scheduled.sendNow")}
          </Button>
        )}
        <Button
          loading={acting === "cancel"}
          disabled={acting !== null}
          aria-label={t("scheduled.cancelOf", { subject })}
          onClick={() => void act("cancel")}
        >
          {t("scheduled.cancel")}
        </Button>
      </div>
    </li>
  );
}

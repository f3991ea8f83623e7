import { MoreOutlined, StarFilled, StarOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { BodyPart, EmailAddress } from "@yanshu/api/jmap";
import { CopyButton, currentLanguage, ErrorState, sizeText, useTimeContext } from "@yanshu/ui";
import { Button, Dropdown } from "antd";
import { lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { compose } from "../../compose/windows";
import { addressText, nameOf, sameAddress } from "../parts/addresses";
import { ReplyAllIcon, ReplyIcon } from "../parts/icons";
import { mailTime, mailTimeInFull } from "../parts/mailTime";
import { bodyQuery, type MailBody, type MailHead } from "../store/queries";
import { useMail } from "../store/useMail";
import { useMailActions } from "../store/useMailActions";
import { Attachments } from "./Attachments";
import { HtmlBody } from "./HtmlBody";
import { TextBody } from "./TextBody";

const OriginalDialogue = lazy(() => import("./OriginalDialogue"));

interface MessageViewProps {
  mail: MailHead;
  expanded: boolean;
  /** The member's own addresses. */
  own: readonly string[];
  now: Date;
  onToggle: () => void;
  onKey: (event: KeyboardEvent) => void;
  onMarkUnread: () => void;
  onTrash: () => void;
  canReplyAll: boolean;
}

/** One mail of a thread: a line of it, or all. */
export function MessageView(props: MessageViewProps) {
  const { mail, expanded, own, onToggle } = props;
  const { t } = useTranslation();
  const time = { ...useTimeContext(), now: props.now };
  const actions = useMailActions();
  const id = useId();
  const [details, setDetails] = useState(false);
  const [original, setOriginal] = useState(false);
  const [sender] = mail.from ?? [];
  const isDraft = mail.keywords.$draft === true;
  const starred = mail.keywords.$flagged === true;
  const name = sender === undefined ? t("list.noSender") : isMe(own, sender) ? t("list.me") : nameOf(sender);

  return (
    <article
      className="mail-message"
      data-expanded={expanded || undefined}
      data-unread={!mail.keywords.$seen || undefined}
      aria-labelledby={`${id}-who`}
    >
      <div className="message-head">
        <button
          type="button"
          className="message-toggle"
          aria-expanded={expanded}
          aria-controls={`${id}-body`}
          onClick={onToggle}
        >
          <span className="message-who" id={`${id}-who`}>
            {isDraft ? <span className="row-draft">{t("list.draft")}</span> : name}
            {expanded && sender !== undefined && !isDraft && (
              <span className="message-address">&lt;{sender.email}&gt;</span>
            )}
          </span>
          {!expanded && <span className="message-preview">{mail.preview}</span>}
          <time className="message-time" dateTime={mail.receivedAt} title={mailTimeInFull(mail.receivedAt, time)}>
            {expanded ? mailTimeInFull(mail.receivedAt, time) : mailTime(mail.receivedAt, time)}
          </time>
        </button>
        {expanded && !isDraft && (
          <span className="message-actions">
            <Button
              type="text"
              aria-pressed={starred}
              aria-label={t(starred ? "actions.unstar" : "actions.star")}
              title={t(starred ? "actions.unstar" : "actions.star")}
              icon={starred ? <StarFilled aria-hidden style={{ color: "#c98a13" }} /> : <StarOutlined aria-hidden />}
              onClick={() => void actions.setStarred([mail], !starred)}
            />
            <Button
              type="text"
              aria-label={t(props.canReplyAll ? "actions.replyAll" : "actions.reply")}
              title={t(props.canReplyAll ? "actions.replyAll" : "actions.reply")}
              icon={props.canReplyAll ? <ReplyAllIcon aria-hidden /> : <ReplyIcon aria-hidden />}
              onClick={() => compose.open({ kind: props.canReplyAll ? "replyAll" : "reply", emailId: mail.id })}
            />
            <Dropdown
              trigger={["click"]}
              placement="bottomRight"
              menu={{
                items: [
                  { key: "reply", label: t("actions.reply") },
                  ...(props.canReplyAll ? [{ key: "replyAll", label: t("actions.replyAll") }] : []),
                  { key: "forward", label: t("actions.forward") },
                  { type: "divider" },
                  { key: "unread", label: t("actions.unread") },
                  { key: "print", label: t("actions.print") },
                  { key: "original", label: t("reading.showOriginal") },
                  { type: "divider" },
                  { key: "trash", label: t("reading.deleteOne"), danger: true },
                ],
                onClick: ({ key }) => {
                  if (key === "reply" || key === "replyAll" || key === "forward") {
                    compose.open({ kind: key, emailId: mail.id });
                  } else if (key === "unread") props.onMarkUnread();
                  else if (key === "print") window.print();
                  else if (key === "original") setOriginal(true);
                  else props.onTrash();
                },
              }}
            >
              <Button type="text" icon={<MoreOutlined aria-hidden />} aria-label={t("reading.more", { name })} />
            </Dropdown>
          </span>
        )}
      </div>
      <div id={`${id}-body`} hidden={!expanded}>
        {expanded && (
          <>
            <div className="message-to">
              <span className="message-recipients">{recipientsText(mail, own, t)}</span>
              <Button type="link" size="small" aria-expanded={details} onClick={() => setDetails(!details)}>
                {t(details ? "reading.hideDetails" : "reading.details")}
              </Button>
            </div>
            {details && <Details mail={mail} />}
            <Body mail={mail} onKey={props.onKey} />
          </>
        )}
      </div>
      {original && (
        <Suspense>
          <OriginalDialogue mail={mail} onClose={() => setOriginal(false)} />
        </Suspense>
      )}
    </article>
  );
}

function Body({ mail, onKey }: { mail: MailHead; onKey: (event: KeyboardEvent) => void }) {
  const { t } = useTranslation();
  const { client } = useMail();
  const { data: body, error, refetch } = useQuery(bodyQuery(client, mail.id));
  if (error) {
    return (
      <div className="message-body">
        <ErrorState problem={error} title={t("reading.bodyFailed")} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (body === undefined) {
    return (
      <div className="message-body" role="status" aria-busy="true">
        <span className="yanshu-hidden">{t("reading.loading")}</span>
        {[92, 84, 60].map((width) => (
          <div key={width} className="bone" style={{ width: `${width}%`, marginBlock: 14 }} />
        ))}
      </div>
    );
  }
  if (body === null) return <p className="message-body">{t("reading.gone")}</p>;
  const files = filesOf(body);
  const isDraft = mail.keywords.$draft === true;
  return (
    <>
      <div className="message-body">
        {hasHtml(body) ? (
          <HtmlBody emailId={mail.id} subject={mail.subject ?? ""} onKey={onKey} />
        ) : (
          <PlainBody body={body} />
        )}
      </div>
      {files.length > 0 && <Attachments parts={files} />}
      {isDraft && (
        <div className="message-foot">
          <Button type="primary" onClick={() => compose.open({ kind: "draft", emailId: mail.id })}>
            {t("compose.goOn")}
          </Button>
        </div>
      )}
    </>
  );
}

function PlainBody({ body }: { body: MailBody }) {
  const { t } = useTranslation();
  const values = body.textBody
    .filter(({ type }) => type.startsWith("text/"))
    .map(({ partId }) => body.bodyValues[partId ?? ""]);
  const text = values.map((value) => value?.value ?? "").join("\n");
  if (text.trim() === "") return <p className="body-none">{t("reading.noText")}</p>;
  return (
    <>
      <TextBody text={text} />
      {values.some((value) => value?.isTruncated) && <p className="body-none">{t("reading.cut")}</p>}
    </>
  );
}

export function hasHtml(body: MailBody): boolean {
  return body.htmlBody.some(({ type }) => type === "text/html");
}

/** The files: not the pictures that stand in the text already. */
function filesOf(body: MailBody): BodyPart[] {
  const isInText = ({ cid, disposition, type }: BodyPart) =>
    hasHtml(body) && cid !== null && disposition !== "attachment" && type.startsWith("image/");
  return body.attachments.filter((part) => !isInText(part));
}

function isMe(own: readonly string[], { email }: EmailAddress): boolean {
  return own.some((address) => sameAddress(address, email));
}

function recipientsText(mail: MailHead, own: readonly string[], t: ReturnType<typeof useTranslation>["t"]): string {
  const all = [...(mail.to ?? []), ...(mail.cc ?? []), ...(mail.bcc ?? [])];
  if (all.length === 0) return t("reading.toNobody");
  const names = all
    .slice(0, 4)
    .map((one) => (isMe(own, one) ? t("list.me") : nameOf(one)))
    .join(t("list.comma"));
  return all.length > 4 ? t("reading.toMore", { names, count: all.length }) : t("reading.to", { names });
}

function Details({ mail }: { mail: MailHead }) {
  const { t } = useTranslation();
  const time = useTimeContext();
  const rows: [string, EmailAddress[] | null][] = [
    [t("reading.from"), mail.from],
    ...(mail.sender && mail.sender[0]?.email !== mail.from?.[0]?.email
      ? ([[t("reading.sender"), mail.sender]] as [string, EmailAddress[]][])
      : []),
    [t("reading.toLabel"), mail.to],
    [t("reading.cc"), mail.cc],
    [t("reading.bcc"), mail.bcc],
    [t("reading.replyTo"), mail.replyTo],
  ];
  return (
    <dl className="message-details">
      {rows
        .filter(([, people]) => people !== null && people.length > 0)
        .map(([label, people]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {(people ?? []).map((person) => (
                <span key={`${person.email}${person.name}`} className="message-person">
                  {addressText(person)}
                  <CopyButton text={person.email} label={t("reading.copyAddress", { address: person.email })} />
                </span>
              ))}
            </dd>
          </div>
        ))}
      <div>
        <dt>{t("reading.date")}</dt>
        <dd>{mailTimeInFull(mail.sentAt ?? mail.receivedAt, time)}</dd>
      </div>
      {mail.sentAt !== null && Math.abs(Date.parse(mail.sentAt) - Date.parse(mail.receivedAt)) > 300_000 && (
        <div>
          <dt>{t("reading.received")}</dt>
          <dd>{mailTimeInFull(mail.receivedAt, time)}</dd>
        </div>
      )}
      <div>
        <dt>{t("reading.size")}</dt>
        <dd>{sizeText(mail.size, currentLanguage())}</dd>
      </div>
    </dl>
  );
}

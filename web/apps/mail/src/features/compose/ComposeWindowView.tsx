import {
  BorderOutlined,
  CloseOutlined,
  DeleteOutlined,
  EllipsisOutlined,
  FullscreenExitOutlined,
  MinusOutlined,
  PaperClipOutlined,
  SendOutlined,
  UpOutlined,
} from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiProblem, asProblem } from "@yanshu/api";
import type { Id, Identity } from "@yanshu/api/jmap";
import { currentLanguage, ErrorState, problemText, useTimeContext, useUnsavedGuard } from "@yanshu/ui";
import { App, Button, Select, theme } from "antd";
import { type DragEvent, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { announce, showNotice } from "../mail/parts/notices";
import type { MailStore } from "../mail/store/mailStore";
import { identitiesQuery, mailboxesQuery } from "../mail/store/queries";
import { mailQuery } from "../mail/store/useMail";
import { DraftKeeper, type SaveState } from "./DraftKeeper";
import { type Draft, type DraftFile, isEmptyDraft, mentionsAttachment } from "./draft";
import { FileChips } from "./FileChips";
import { editorHtml, mailHtml, textOfHtml, wholeHtml } from "./html";
import { forget, keep, readKept } from "./kept";
import { RecipientField } from "./RecipientField";
import type { Seed } from "./seed";
import { draftOf, type SeedMail, seedProperties } from "./seeding";
import { TextEditor, type TextEditorHandle } from "./TextEditor";
import { useUploads } from "./useUploads";
import { type ComposeWindow, compose } from "./windows";

interface ViewProps {
  window: ComposeWindow;
  narrow: boolean;
  hidden: boolean;
}

/** One window: loads what it begins with, then writes. */
export function ComposeWindowView(props: ViewProps) {
  const { t } = useTranslation();
  const { key, minimised } = props.window;
  // Saving gives the window another draft to be known by; it goes on as it began.
  const [seed] = useState(props.window.seed);
  const beginning = useBeginning(seed);
  const label = beginning.data?.draft.subject || t("compose.newMail");

  if (beginning.data !== undefined) return <Writing {...props} {...beginning.data} />;
  return (
    <section className="compose" aria-label={label} data-minimised={minimised || undefined} hidden={props.hidden}>
      <div className="compose-head">
        <span className="compose-title">{t("compose.newMail")}</span>
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("compose.close")}
          onClick={() => compose.close(key)}
        />
      </div>
      <div className="compose-waiting">
        {beginning.error !== null ? (
          <ErrorState
            problem={asProblem(beginning.error)}
            title={t("compose.notOpened")}
            onRetry={() => void beginning.refetch()}
          />
        ) : (
          <div role="status" aria-busy="true">
            <span className="yanshu-hidden">{t("reading.loading")}</span>
            {[90, 70, 84, 40].map((width) => (
              <div key={width} className="bone" style={{ width: `${width}%`, marginBlock: 16 }} />
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

interface Beginning {
  mail: MailStore;
  identities: Identity[];
  draft: Draft;
  emailId: Id | null;
  keptKey: string;
  /** The server has not got it. */
  onlyHere: boolean;
}

function useBeginning(seed: Seed) {
  const { t } = useTranslation();
  const time = useTimeContext();
  const queries = useQueryClient();
  return useQuery<Beginning>({
    queryKey: ["compose", seed, useState(() => crypto.randomUUID())[0]],
    queryFn: async () => {
      const mail = await queries.ensureQueryData(mailQuery(queries));
      const [identities] = await Promise.all([
        queries.ensureQueryData(identitiesQuery(mail.client)),
        queries.ensureQueryData(mailboxesQuery(mail.client)),
      ]);
      if (seed.kind === "kept") {
        const kept = readKept(seed.keptKey);
        const draft = kept?.draft ?? draftOf({ kind: "new" }, null, { identities, t, time });
        return {
          mail,
          identities,
          draft,
          emailId: kept?.emailId ?? null,
          keptKey: seed.keptKey,
          onlyHere: kept !== null,
        };
      }
      const origin = seed.kind === "new" ? null : await seedMail(mail, seed.emailId);
      return {
        mail,
        identities,
        draft: draftOf(seed, origin, { identities, t, time }),
        emailId: seed.kind === "draft" ? seed.emailId : null,
        keptKey: crypto.randomUUID(),
        onlyHere: false,
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    structuralSharing: false,
  });
}

async function seedMail(mail: MailStore, id: Id): Promise<SeedMail | null> {
  const { list } = await mail.client.call("Email/get", {
    ids: [id],
    properties: seedProperties,
    fetchTextBodyValues: true,
    fetchHTMLBodyValues: true,
  });
  return (list[0] as SeedMail | undefined) ?? null;
}

function Writing({ window: { key, minimised, large, seed }, narrow, hidden, ...beginning }: ViewProps & Beginning) {
  const { mail, identities, keptKey } = beginning;
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const { message, modal } = App.useApp();
  const [draft, setDraft] = useState(beginning.draft);
  const [state, setState] = useState<SaveState>("clean");
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [sending, setSending] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const [copies, setCopies] = useState(draft.cc.length + draft.bcc.length > 0);
  const [quoteOpen, setQuoteOpen] = useState(false);
  const [over, setOver] = useState(false);
  const editor = useRef<TextEditorHandle>(null);
  const file = useRef<HTMLInputElement>(null);
  const panel = useRef<HTMLElement>(null);
  const current = useRef(draft);
  const opener = useRef(document.activeElement);
  // Who answers begins with the text, who writes anew with whom it is for.
  const [replying] = useState(seed.kind !== "new" && draft.to.length > 0);

  const keeper = useMemo(
    () =>
      new DraftKeeper({
        mail,
        key: keptKey,
        emailId: beginning.emailId,
        identityOf: (id) => identities.find((one) => one.id === id) ?? identities[0],
        write,
        onState: (next, told) => {
          setState(next);
          setProblem(told);
        },
        onSaved: (emailId) => compose.savedAs(key, emailId),
      }),
    [mail, identities, keptKey, key, beginning.emailId],
  );
  useEffect(() => () => keeper.stop(), [keeper]);
  // What only this device has goes to the server as soon as it is seen again.
  useEffect(() => {
    if (beginning.onlyHere) keeper.changed(current.current);
  }, [keeper, beginning.onlyHere]);

  const change = useCallback(
    (part: Partial<Draft>) => {
      current.current = { ...current.current, ...part };
      setDraft(current.current);
      keeper.changed(current.current);
    },
    [keeper],
  );

  const uploads = useUploads(mail, (arrived: DraftFile) => {
    change({ files: [...current.current.files, arrived] });
    if (arrived.cid !== null) {
      editor.current?.insertPicture({ src: mail.client.downloadUrl(arrived), cid: arrived.cid, alt: arrived.name });
    }
  });
  const uploading = uploads.pending.some((one) => one.problem === null);
  const unsaved = state === "dirty" || state === "saving" || state === "failed";
  useUnsavedGuard(unsaved || uploading);
  useEffect(() => compose.saveBeforeLeaving(key, () => keeper.save()), [key, keeper]);

  // What could not be saved is tried again as soon as there is a connection.
  useEffect(() => {
    const online = () => void keeper.save().catch(() => {});
    globalThis.addEventListener("online", online);
    return () => globalThis.removeEventListener("online", online);
  }, [keeper]);

  const leave = () => {
    compose.close(key);
    if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
  };

  async function close() {
    if (uploading && !(await ask(t("compose.stillUploading"), t("compose.closeAnyway")))) return;
    if (beginning.emailId === null && isEmptyDraft(current.current, beginning.draft.html)) {
      await discard(false);
      return;
    }
    try {
      if (keeper.isDirty) {
        await keeper.save();
        showNotice({ text: t("compose.savedNotice") });
      }
      leave();
      void mail.changed().catch(() => {});
    } catch {
      // Told in the window, which stays.
    }
  }

  async function discard(tell = true) {
    const gone = current.current;
    const emailId = await keeper.discard();
    leave();
    if (emailId !== null) await mail.destroy([emailId]).catch(() => {});
    if (!tell) return;
    showNotice({
      text: t("compose.discarded"),
      undo: async () => {
        const again = crypto.randomUUID();
        keep(again, gone, null);
        compose.open({ kind: "kept", keptKey: again });
      },
    });
  }

  function ask(title: string, okText: string, content?: string): Promise<boolean> {
    return new Promise((done) => {
      modal.confirm({
        title,
        content,
        okText,
        cancelText: t("compose.back"),
        onOk: () => done(true),
        onCancel: () => done(false),
      });
    });
  }

  async function send() {
    if (sending) return;
    // A recipient that is typed but not yet a chip becomes one when the field is left.
    panel.current?.focus();
    await Promise.resolve();
    const mailNow = current.current;
    const all = [...mailNow.to, ...mailNow.cc, ...mailNow.bcc];
    const invalid = all.filter(({ valid }) => !valid);
    if (all.length === 0) return setWrong(t("compose.noRecipients"));
    if (invalid.length > 0) {
      return setWrong(
        t("compose.wrongRecipients", { addresses: invalid.map(({ email }) => email).join(t("list.comma")) }),
      );
    }
    setWrong(undefined);
    if (uploading) return void message.warning(t("compose.waitForUploads"));
    if (uploads.pending.length > 0 && !(await ask(t("compose.failedUploads"), t("compose.sendAnyway")))) return;
    if (mailNow.subject.trim() === "" && !(await ask(t("compose.noSubject"), t("compose.sendAnyway")))) return;
    if (
      mentionsAttachment(mailNow) &&
      !(await ask(t("compose.noAttachment"), t("compose.sendAnyway"), t("compose.noAttachmentText")))
    ) {
      return;
    }
    setSending(true);
    setProblem(null);
    try {
      await keeper.send(current.current);
      forget(keptKey);
      leave();
      showNotice({ text: t("compose.sent") });
    } catch (cause) {
      const told = asProblem(cause);
      setProblem(told);
      announce(problemText(t, told));
    } finally {
      setSending(false);
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      compose.minimise(key, true);
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
    } else if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void keeper.save().catch(() => {});
    }
  }

  function takeDrop(event: DragEvent) {
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length === 0 || event.defaultPrevented) return;
    event.preventDefault();
    uploads.add(files, false);
  }

  const title = draft.subject.trim() || t("compose.newMail");
  return (
    <section
      ref={panel}
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      className="compose"
      data-minimised={minimised || undefined}
      data-large={large || undefined}
      data-over={over || undefined}
      hidden={hidden}
      onKeyDown={onKeyDown}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={takeDrop}
    >
      <div className="compose-head">
        {minimised ? (
          <button type="button" className="compose-title compose-restore" onClick={() => compose.minimise(key, false)}>
            {title}
          </button>
        ) : (
          <span className="compose-title">{title}</span>
        )}
        <span className="compose-state" role="status">
          {stateText(state, t)}
        </span>
        <Button
          type="text"
          size="small"
          icon={minimised ? <UpOutlined aria-hidden /> : <MinusOutlined aria-hidden />}
          aria-label={t(minimised ? "compose.restore" : "compose.minimise")}
          title={t(minimised ? "compose.restore" : "compose.minimise")}
          onClick={() => compose.minimise(key, !minimised)}
        />
        {!narrow && !minimised && (
          <Button
            type="text"
            size="small"
            icon={large ? <FullscreenExitOutlined aria-hidden /> : <BorderOutlined aria-hidden />}
            aria-label={t(large ? "compose.smaller" : "compose.larger")}
            title={t(large ? "compose.smaller" : "compose.larger")}
            onClick={() => compose.enlarge(key, !large)}
          />
        )}
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("compose.saveAndClose")}
          title={t("compose.saveAndClose")}
          onClick={() => void close()}
        />
      </div>
      <div className="compose-body" hidden={minimised}>
        {problem !== null && (
          <div className="compose-problem">
            <ErrorState
              problem={problem}
              title={t(state === "failed" ? "compose.notSaved" : "compose.notSent")}
              onRetry={state === "failed" ? () => void keeper.save().catch(() => {}) : undefined}
            />
          </div>
        )}
        <div className="compose-fields">
          {identities.length > 1 && (
            <div className="compose-row">
              <label htmlFor={`from-${key}`}>{t("compose.from")}</label>
              <Select
                id={`from-${key}`}
                variant="borderless"
                value={draft.identityId ?? identities[0]?.id}
                onChange={(identityId) => change({ identityId })}
                options={identities.map(({ id, name, email }) => ({ value: id, label: `${name} <${email}>` }))}
                style={{ flex: 1, minWidth: 0 }}
              />
            </div>
          )}
          <div className="compose-row">
            <RecipientField
              label={t("compose.to")}
              value={draft.to}
              onChange={(to) => {
                setWrong(undefined);
                change({ to });
              }}
              autoFocus={!minimised && !replying}
              wrong={wrong}
            />
            {!copies && (
              <Button type="link" size="small" onClick={() => setCopies(true)}>
                {t("compose.copies")}
              </Button>
            )}
          </div>
          {copies && (
            <>
              <div className="compose-row">
                <RecipientField label={t("compose.cc")} value={draft.cc} onChange={(cc) => change({ cc })} />
              </div>
              <div className="compose-row">
                <RecipientField label={t("compose.bcc")} value={draft.bcc} onChange={(bcc) => change({ bcc })} />
              </div>
            </>
          )}
          <div className="compose-row">
            <label htmlFor={`subject-${key}`}>{t("compose.subject")}</label>
            <input
              id={`subject-${key}`}
              className="compose-subject"
              value={draft.subject}
              maxLength={500}
              autoComplete="off"
              onChange={(event) => change({ subject: event.target.value })}
            />
          </div>
        </div>
        <div className="compose-scroll">
          <TextEditor
            ref={editor}
            html={beginning.draft.html === "" ? "" : editorHtml(beginning.draft.html, addressOf(mail, beginning.draft))}
            label={t("compose.text")}
            autoFocus={!minimised && replying}
            onChange={(html) => change({ html })}
            onFiles={uploads.add}
          />
          {draft.quote !== null && (
            <div className="compose-quote">
              <Button
                size="small"
                icon={<EllipsisOutlined aria-hidden />}
                aria-expanded={quoteOpen}
                aria-label={t("compose.quote")}
                title={t("compose.quote")}
                onClick={() => setQuoteOpen(!quoteOpen)}
              />
              {quoteOpen && (
                <>
                  <Button type="link" size="small" onClick={() => change({ quote: null })}>
                    {t("compose.removeQuote")}
                  </Button>
                  <iframe
                    className="compose-quote-frame"
                    title={t("compose.quote")}
                    sandbox="allow-same-origin"
                    srcDoc={quoteDocument(draft, mail, token.fontFamily)}
                  />
                </>
              )}
            </div>
          )}
        </div>
        <FileChips
          files={draft.files}
          pending={uploads.pending}
          onRemove={(blobId) =>
            change({ files: draft.files.filter((one) => one.blobId !== blobId || one.cid !== null) })
          }
          onCancel={uploads.remove}
          onRetry={uploads.retry}
        />
        <div className="compose-foot">
          <Button
            type="primary"
            icon={<SendOutlined aria-hidden />}
            loading={sending}
            title={t("compose.sendKeys")}
            onClick={() => void send()}
          >
            {t("compose.send")}
          </Button>
          <Button
            type="text"
            icon={<PaperClipOutlined aria-hidden />}
            aria-label={t("compose.attach")}
            title={t("compose.attach")}
            onClick={() => file.current?.click()}
          />
          <input
            ref={file}
            type="file"
            multiple
            hidden
            aria-label={t("compose.attach")}
            onChange={(event) => {
              uploads.add([...(event.target.files ?? [])], false);
              event.target.value = "";
            }}
          />
          <span style={{ flex: 1 }} />
          <Button
            type="text"
            icon={<DeleteOutlined aria-hidden />}
            aria-label={t("compose.discard")}
            title={t("compose.discard")}
            onClick={() => void discard()}
          />
        </div>
      </div>
      {over && (
        <div className="compose-drop" aria-hidden>
          {t("compose.dropHere")}
        </div>
      )}
    </section>
  );
}

function write(draft: Draft) {
  const written = mailHtml(draft.html);
  const text = textOfHtml(draft.html);
  return {
    html: wholeHtml(written, draft.quote?.html ?? null),
    text: draft.quote === null ? text : `${text}\n\n${draft.quote.text}`.trim(),
  };
}

function addressOf(mail: MailStore, draft: Draft) {
  return (cid: string) => {
    const picture = draft.files.find((one) => one.cid === cid);
    return picture === undefined ? undefined : mail.client.downloadUrl(picture);
  };
}

/** What is quoted, as it will look; the frame runs nothing and asks for nothing but the mail's own pictures. */
function quoteDocument(draft: Draft, mail: MailStore, font: string): string {
  const html = (draft.quote?.html ?? "").replaceAll(/src="cid:([^"]+)"/g, (_, cid: string) => {
    const address = addressOf(mail, draft)(cid);
    return address === undefined ? "" : `src="${address.replaceAll("&", "&amp;")}"`;
  });
  return `<!doctype html><html lang="${currentLanguage()}"><body style="margin:8px;font:14px/1.6 ${font.replaceAll('"', "'")};color:#1f2329;background:#ffffff;overflow-wrap:anywhere">${html}</body>`;
}

function stateText(state: SaveState, t: ReturnType<typeof useTranslation>["t"]): string {
  switch (state) {
    case "saving":
      return t("compose.saving");
    case "saved":
      return t("compose.saved");
    case "failed":
      return t("compose.onDevice");
    default:
      return "";
  }
}

import { type ApiProblem, asProblem } from "@yanshu/api";
import { ErrorState, problemText, timeText, useTimeContext, useUnsavedGuard } from "@yanshu/ui";
import { App } from "antd";
import { type DragEvent, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { announce, showNotice } from "../mail/parts/notices";
import { takeBack } from "../scheduled/scheduled";
import { ComposeFields } from "./ComposeFields";
import { ComposeFoot } from "./ComposeFoot";
import { ComposeHead } from "./ComposeHead";
import type { ViewProps } from "./ComposeWindowView";
import { checkBeforeSending } from "./checkBeforeSending";
import { DraftKeeper, type SaveState } from "./DraftKeeper";
import { type Draft, type DraftFile, isEmptyDraft } from "./draft";
import { FileChips } from "./FileChips";
import { editorHtml } from "./html";
import { forget, keep } from "./kept";
import { QuotedMail } from "./QuotedMail";
import { TextEditor, type TextEditorHandle } from "./TextEditor";
import type { Beginning } from "./useBeginning";
import { useUploads } from "./useUploads";
import { compose } from "./windows";
import { addressOf, write } from "./written";

/** For how long a mail that was sent is held back, so that sending can be undone. */
const undoSecs = 5;

/** A window in which a mail is written: everything in it is kept safe while it is. */
export function Writing({ window, narrow, hidden, ...beginning }: ViewProps & Beginning) {
  const { key, minimised, large, seed } = window;
  const { mail, identities, keptKey } = beginning;
  const { t } = useTranslation();
  const time = useTimeContext();
  const { message, modal } = App.useApp();
  const [draft, setDraft] = useState(beginning.draft);
  const [state, setState] = useState<SaveState>("clean");
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [sending, setSending] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const [over, setOver] = useState(false);
  const editor = useRef<TextEditorHandle>(null);
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
      if (part.to !== undefined) setWrong(undefined);
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

  /** Sends the mail, at once with a moment to take it back, or at `later`. */
  async function send(later?: Date) {
    if (sending) return;
    // A recipient that is typed but not yet a chip becomes one when the field is left.
    panel.current?.focus();
    await Promise.resolve();
    if (uploading) return void message.warning(t("compose.waitForUploads"));
    const checked = await checkBeforeSending(current.current, uploads.pending.length > 0, { t, ask });
    setWrong(checked.wrong);
    if (!checked.passed) return;
    setSending(true);
    setProblem(null);
    try {
      const sent = await keeper.send(current.current, later ?? (mail.client.latestSecs >= undoSecs ? undoSecs : null));
      forget(keptKey);
      leave();
      showNotice({
        text:
          later === undefined
            ? t("compose.sent")
            : t("compose.scheduled", { time: timeText(later.toISOString(), time) }),
        ...(sent.held && {
          ...(later === undefined && { standsUntil: Date.now() + undoSecs * 1000 }),
          undo: async () => {
            await takeBack(mail, sent);
            compose.open({ kind: "draft", emailId: sent.emailId });
          },
        }),
      });
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
    // What is asked on top of the window has keys of its own.
    if (!event.currentTarget.contains(event.target as Node)) return;
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
      <ComposeHead window={window} narrow={narrow} title={title} state={state} onClose={() => void close()} />
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
        <ComposeFields
          id={key}
          draft={draft}
          identities={identities}
          autoFocus={!minimised && !replying}
          wrong={wrong}
          onChange={change}
        />
        <div className="compose-scroll">
          <TextEditor
            ref={editor}
            html={beginning.draft.html === "" ? "" : editorHtml(beginning.draft.html, addressOf(mail, beginning.draft))}
            label={t("compose.text")}
            autoFocus={!minimised && replying}
            onChange={(html) => change({ html })}
            onFiles={uploads.add}
          />
          {draft.quote !== null && <QuotedMail draft={draft} mail={mail} onRemove={() => change({ quote: null })} />}
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
        <ComposeFoot
          sending={sending}
          latestSecs={mail.client.latestSecs}
          onSend={() => void send()}
          onSendLater={(at) => void send(at)}
          onFiles={(files) => uploads.add(files, false)}
          onDiscard={() => void discard()}
        />
      </div>
      {over && (
        <div className="compose-drop" aria-hidden>
          {t("compose.dropHere")}
        </div>
      )}
    </section>
  );
}

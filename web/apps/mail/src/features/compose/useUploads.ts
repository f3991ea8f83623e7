import { type ApiProblem, asProblem } from "@yanshu/api";
import { upload } from "@yanshu/api/jmap";
import { useEffect, useRef, useState } from "react";
import type { MailStore } from "../mail/store/mailStore";
import type { DraftFile } from "./draft";

/** A file on its way to the server. */
export interface Pending {
  id: string;
  file: File;
  /** From 0 to 1. */
  part: number;
  problem: ApiProblem | "too_large" | null;
  asPicture: boolean;
}

const atOnce = 3;

/** Uploads files a few at a time; each that arrives becomes part of the draft. */
export function useUploads(mail: MailStore, onDone: (file: DraftFile) => void) {
  const [pending, setPending] = useState<readonly Pending[]>([]);
  const running = useRef(new Map<string, AbortController>());
  const latest = useRef(onDone);
  latest.current = onDone;

  useEffect(() => {
    const all = running.current;
    return () => {
      for (const one of all.values()) one.abort();
    };
  }, []);

  useEffect(() => {
    const change = (id: string, part: Partial<Pending>) =>
      setPending((before) => before.map((one) => (one.id === id ? { ...one, ...part } : one)));
    for (const one of pending) {
      if (running.current.size >= atOnce) break;
      if (one.problem !== null || running.current.has(one.id)) continue;
      const stop = new AbortController();
      running.current.set(one.id, stop);
      upload(mail.client, one.file, { signal: stop.signal, onProgress: (part) => change(one.id, { part }) })
        .then(
          ({ blobId, type, size }) => {
            setPending((before) => before.filter(({ id }) => id !== one.id));
            latest.current({
              blobId,
              name: one.file.name || "picture.png",
              type: one.file.type || type,
              size,
              cid: one.asPicture ? `${crypto.randomUUID()}@yanshu` : null,
            });
          },
          (cause: unknown) => {
            if (!stop.signal.aborted) change(one.id, { problem: asProblem(cause) });
          },
        )
        .finally(() => {
          running.current.delete(one.id);
          // The next one's turn.
          setPending((before) => [...before]);
        });
    }
  }, [pending, mail]);

  return {
    pending,
    add: (files: readonly File[], asPicture: boolean) =>
      setPending((before) => [
        ...before,
        ...files.map((file) => ({
          id: crypto.randomUUID(),
          file,
          part: 0,
          asPicture,
          problem: file.size > mail.client.limits.sizeUpload ? ("too_large" as const) : null,
        })),
      ]),
    remove: (id: string) => {
      running.current.get(id)?.abort();
      setPending((before) => before.filter((one) => one.id !== id));
    },
    retry: (id: string) =>
      setPending((before) => before.map((one) => (one.id === id ? { ...one, problem: null, part: 0 } : one))),
  };
}

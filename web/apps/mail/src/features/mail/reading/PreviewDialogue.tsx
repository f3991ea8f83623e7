import { useQuery } from "@tanstack/react-query";
import { asProblem, problemFrom } from "@yanshu/api";
import type { BodyPart } from "@yanshu/api/jmap";
import { ErrorState, LoadingSkeleton } from "@yanshu/ui";
import { Button, Modal } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMail } from "../store/useMail";
import { knownType, previewOf } from "./files";

/** A look at a picture, text or PDF. The bytes are shown as what they are said to be and as nothing else, so nothing in them can act. */
export default function PreviewDialogue({ part, onClose }: { part: BodyPart; onClose: () => void }) {
  const { t } = useTranslation();
  const { client } = useMail();
  const name = part.name || t("reading.unnamed");
  const kind = previewOf(part);
  return (
    <Modal
      open
      centered
      width={kind === "picture" ? "min(960px, 94vw)" : "min(880px, 94vw)"}
      title={<span className="preview-name">{name}</span>}
      onCancel={onClose}
      footer={
        <Button type="primary" href={client.downloadUrl({ ...part, name })} download={name}>
          {t("reading.download")}
        </Button>
      }
    >
      {kind === "picture" && <Picture src={client.downloadUrl({ ...part, type: knownType(part) })} name={name} />}
      {kind === "text" && <Text url={client.downloadUrl({ ...part, type: "text/plain" })} blobId={part.blobId ?? ""} />}
      {kind === "pdf" && (
        <Pdf url={client.downloadUrl({ ...part, type: "application/pdf" })} blobId={part.blobId ?? ""} />
      )}
    </Modal>
  );
}

function Picture({ src, name }: { src: string; name: string }) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  if (broken) return <p>{t("reading.notShown")}</p>;
  return <img className="preview-picture" src={src} alt={name} onError={() => setBroken(true)} />;
}

async function bytesOf(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { credentials: "same-origin" }).catch((cause: unknown) => {
    throw asProblem(cause);
  });
  if (!response.ok) throw problemFrom(response.status, null, response.headers.get("x-request-id"));
  return response.arrayBuffer();
}

function Text({ url, blobId }: { url: string; blobId: string }) {
  const { data, error, refetch } = useQuery({ queryKey: ["blob", blobId], queryFn: () => bytesOf(url), gcTime: 0 });
  if (error) return <ErrorState problem={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <LoadingSkeleton title={false} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <pre className="preview-text" tabIndex={0}>
      {decoded(data)}
    </pre>
  );
}

/** Text of an unknown encoding: UTF-8 where it is that, what Chinese programs write otherwise. */
export function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

// The browser's own viewer, in a tab of its own; the address ends with this dialogue.
function Pdf({ url, blobId }: { url: string; blobId: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({ queryKey: ["blob", blobId], queryFn: () => bytesOf(url), gcTime: 0 });
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (data === undefined) return;
    const made = URL.createObjectURL(new Blob([data], { type: "application/pdf" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  if (error) return <ErrorState problem={error} onRetry={() => void refetch()} />;
  if (address === undefined) return <LoadingSkeleton title={false} rows={2} />;
  return (
    <p>
      {t("reading.pdfText")}{" "}
      <a href={address} target="_blank" rel="noopener noreferrer">
        {t("reading.openPdf")}
      </a>
    </p>
  );
}

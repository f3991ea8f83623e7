import { useQuery } from "@tanstack/react-query";
import { asProblem, problemFrom } from "@yanshu/api";
import { CopyButton, ErrorState, LoadingSkeleton } from "@yanshu/ui";
import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import type { MailHead } from "../store/queries";
import { useMail } from "../store/useMail";

/** Beyond this, the whole is in the file. */
const shownBytes = 200_000;

/** A mail as it came: every header and byte, as text. */
export default function OriginalDialogue({ mail, onClose }: { mail: MailHead; onClose: () => void }) {
  const { t } = useTranslation();
  const { client } = useMail();
  const name = `${(mail.subject ?? "").replaceAll(/[\\/:*?"<>|]/g, " ").trim() || "mail"}.eml`;
  const url = client.downloadUrl({ blobId: mail.blobId, name, type: "message/rfc822" });
  const { data, error, refetch } = useQuery({
    queryKey: ["original", mail.blobId],
    queryFn: async () => {
      const response = await fetch(url, { credentials: "same-origin" }).catch((cause: unknown) => {
        throw asProblem(cause);
      });
      if (!response.ok) throw problemFrom(response.status, null, response.headers.get("x-request-id"));
      return response.text();
    },
    gcTime: 0,
  });
  return (
    <Modal
      open
      centered
      width="min(880px, 94vw)"
      title={t("reading.original")}
      onCancel={onClose}
      footer={
        <>
          {data !== undefined && <CopyButton text={data}>{t("reading.copy")}</CopyButton>}
          <Button type="primary" href={url} download={name}>
            {t("reading.download")}
          </Button>
        </>
      }
    >
      {error ? (
        <ErrorState problem={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingSkeleton title={false} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        <pre className="preview-text" tabIndex={0}>
          {data.slice(0, shownBytes)}
          {data.length > shownBytes && `\n… ${t("reading.cut")}`}
        </pre>
      )}
    </Modal>
  );
}

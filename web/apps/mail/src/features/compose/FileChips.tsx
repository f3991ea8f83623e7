import { CloseOutlined, ReloadOutlined } from "@ant-design/icons";
import { currentLanguage, problemText, sizeText } from "@yanshu/ui";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { fileIcons } from "../mail/reading/Attachments";
import { kindOf } from "../mail/reading/files";
import { useMail } from "../mail/store/useMail";
import type { DraftFile } from "./draft";
import type { Pending } from "./useUploads";

interface FileChipsProps {
  files: readonly DraftFile[];
  pending: readonly Pending[];
  onRemove: (blobId: string) => void;
  onCancel: (id: string) => void;
  onRetry: (id: string) => void;
}

/** The attachments of a mail that is being written, and those on their way. */
export function FileChips({ files, pending, onRemove, onCancel, onRetry }: FileChipsProps) {
  const { t } = useTranslation();
  const { client } = useMail();
  const language = currentLanguage();
  const attachments = files.filter(({ cid }) => cid === null);
  if (attachments.length + pending.length === 0) return null;
  return (
    <ul className="compose-files" aria-label={t("reading.attachments")}>
      {attachments.map((file, at) => (
        <li key={`${file.blobId}-${at}`} className="compose-file">
          <span aria-hidden>{fileIcons[kindOf(file)]}</span>
          <a className="compose-file-name" href={client.downloadUrl(file)} download={file.name} title={file.name}>
            {file.name}
          </a>
          <span className="compose-file-size">{sizeText(file.size, language)}</span>
          <Remove name={file.name} onClick={() => onRemove(file.blobId)} />
        </li>
      ))}
      {pending.map(({ id, file, part, problem }) => (
        <li key={id} className="compose-file" data-failed={problem !== null || undefined}>
          <span className="compose-file-name" title={file.name}>
            {file.name}
          </span>
          {problem === null ? (
            <progress
              className="compose-progress"
              value={part}
              max={1}
              aria-label={t("compose.uploading", { name: file.name })}
            />
          ) : (
            <span className="compose-file-problem" role="alert">
              {problem === "too_large"
                ? t("compose.fileTooLarge", { limit: sizeText(client.limits.sizeUpload, language) })
                : problemText(t, problem)}
            </span>
          )}
          {problem !== null && problem !== "too_large" && (
            <Button
              type="text"
              size="small"
              icon={<ReloadOutlined aria-hidden />}
              aria-label={t("compose.retryUpload", { name: file.name })}
              onClick={() => onRetry(id)}
            />
          )}
          <Remove name={file.name} onClick={() => onCancel(id)} />
        </li>
      ))}
    </ul>
  );
}

function Remove({ name, onClick }: { name: string; onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <Button
      type="text"
      size="small"
      icon={<CloseOutlined aria-hidden />}
      aria-label={t("compose.removeFile", { name })}
      onClick={onClick}
    />
  );
}

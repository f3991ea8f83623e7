import {
  DownloadOutlined,
  FileExcelOutlined,
  FileImageOutlined,
  FileOutlined,
  FilePdfOutlined,
  FilePptOutlined,
  FileWordOutlined,
  FileZipOutlined,
  MailOutlined,
  PaperClipOutlined,
} from "@ant-design/icons";
import type { BodyPart } from "@yanshu/api/jmap";
import { currentLanguage, sizeText } from "@yanshu/ui";
import { Button } from "antd";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMail } from "../store/useMail";
import { kindOf, previewOf } from "./files";

const PreviewDialogue = lazy(() => import("./PreviewDialogue"));

export const fileIcons: Record<ReturnType<typeof kindOf>, ReactNode> = {
  picture: <FileImageOutlined />,
  pdf: <FilePdfOutlined />,
  sheet: <FileExcelOutlined />,
  document: <FileWordOutlined />,
  slides: <FilePptOutlined />,
  archive: <FileZipOutlined />,
  mail: <MailOutlined />,
  file: <FileOutlined />,
};

/** The files of a mail: name, size, a look at what can be looked at, and to save. */
export function Attachments({ parts }: { parts: readonly BodyPart[] }) {
  const { t } = useTranslation();
  const { client } = useMail();
  const [previewed, setPreviewed] = useState<BodyPart | null>(null);
  const language = currentLanguage();
  const sum = parts.reduce((bytes, { size }) => bytes + size, 0);
  return (
    <section className="files" aria-label={t("reading.attachments")}>
      <div className="files-head">
        <PaperClipOutlined aria-hidden />{" "}
        {t("reading.attachmentCount", { count: parts.length, size: sizeText(sum, language) })}
      </div>
      <ul className="files-list">
        {parts.map((part) => {
          const name = part.name || t("reading.unnamed");
          const preview = previewOf(part);
          return (
            <li key={`${part.partId}-${part.blobId}`} className="file">
              {preview === "picture" ? (
                <img className="file-picture" src={client.downloadUrl(part)} alt="" loading="lazy" />
              ) : (
                <span className="file-icon" data-kind={kindOf(part)} aria-hidden>
                  {fileIcons[kindOf(part)]}
                </span>
              )}
              <span className="file-text">
                <span className="file-name" title={name}>
                  {name}
                </span>
                <span className="file-size">{sizeText(part.size, language)}</span>
              </span>
              <span className="file-actions">
                {preview !== null && (
                  <Button
                    type="link"
                    size="small"
                    aria-label={t("reading.previewOf", { name })}
                    onClick={() => setPreviewed(part)}
                  >
                    {t("reading.preview")}
                  </Button>
                )}
                <Button
                  type="link"
                  size="small"
                  icon={<DownloadOutlined aria-hidden />}
                  aria-label={t("reading.downloadOf", { name })}
                  title={t("reading.download")}
                  href={client.downloadUrl({ ...part, name })}
                  download={name}
                />
              </span>
            </li>
          );
        })}
      </ul>
      {previewed !== null && (
        <Suspense>
          <PreviewDialogue part={previewed} onClose={() => setPreviewed(null)} />
        </Suspense>
      )}
    </section>
  );
}

import { ClockCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { FolderLink, type FolderPaneProps } from "../mail/folders/FolderPane";
import { useMail } from "../mail/store/useMail";
import { scheduledQuery } from "./scheduled";

/** What stands for the list in the page's address. */
export const scheduledSlug = "scheduled";

/** What leaves sooner was sent a moment ago and can still be taken back; it is no reason for a folder to come and go. */
const soonMs = 30_000;

/** The way to what waits to be sent, while something does or it is looked at. */
export default function ScheduledLink({ current, onChosen }: FolderPaneProps) {
  const { t } = useTranslation();
  const mail = useMail();
  const { data, dataUpdatedAt } = useQuery({ ...scheduledQuery(mail.client), enabled: mail.client.latestSecs > 0 });
  const count = (data ?? []).filter(({ sendAt }) => Date.parse(sendAt) - dataUpdatedAt > soonMs).length;
  if (count === 0 && current !== scheduledSlug) return null;
  return (
    <li>
      <FolderLink
        slug={scheduledSlug}
        level={0}
        icon={<ClockCircleOutlined />}
        name={t("scheduled.title")}
        count={count}
        countText={t("scheduled.count", { count })}
        current={current}
        onChosen={onChosen}
      />
    </li>
  );
}

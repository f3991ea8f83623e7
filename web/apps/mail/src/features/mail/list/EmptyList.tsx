import { EmptyState } from "@yanshu/ui";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { compose } from "../../compose/windows";
import { type Folder, roleOf } from "../folders/folders";
import type { MailSearch } from "../mailSearch";
import type { Show } from "./ListHead";

/** Why a list is empty, and what to do about it. */
export function EmptyList({
  folder,
  query,
  everywhere,
  show,
  goTo,
}: {
  folder: Folder;
  query: string | undefined;
  everywhere: boolean;
  show: Show;
  goTo: (to: { search: MailSearch }) => void;
}): ReactNode {
  const { t } = useTranslation();
  if (query !== undefined) {
    return (
      <EmptyState
        title={t("search.none")}
        text={t("search.noneText")}
        action={
          !everywhere && folder.kind === "mailbox" ? (
            <Button onClick={() => goTo({ search: { q: query, all: true } })}>{t("search.tryEverywhere")}</Button>
          ) : undefined
        }
      />
    );
  }
  if (show !== "all") {
    return (
      <EmptyState
        title={t(`list.empty.${show}`)}
        action={<Button onClick={() => goTo({ search: {} })}>{t("list.showAll")}</Button>}
      />
    );
  }
  if (folder.kind === "starred")
    return <EmptyState title={t("list.empty.starred")} text={t("list.empty.starredText")} />;
  const role = roleOf(folder.mailbox);
  if (role === null) return <EmptyState title={t("list.empty.own")} text={t("list.empty.ownText")} />;
  return (
    <EmptyState
      title={t(`list.empty.${role}`)}
      text={t(`list.empty.${role}Text`)}
      action={
        role === "drafts" || role === "sent" ? (
          <Button onClick={() => compose.open()}>{t("compose.write")}</Button>
        ) : undefined
      }
    />
  );
}

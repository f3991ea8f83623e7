import {
  CheckOutlined,
  CloseOutlined,
  DeleteOutlined,
  EyeInvisibleOutlined,
  EyeOutlined,
  FilterOutlined,
  FolderOutlined,
  MoreOutlined,
  SearchOutlined,
  StarOutlined,
  StopOutlined,
} from "@ant-design/icons";
import { currentLanguage, numberText, useMedia } from "@yanshu/ui";
import { Button, Dropdown } from "antd";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ArchiveIcon } from "../parts/icons";
import { MoveMenu } from "../parts/MoveMenu";
import { chooseDensity, type Density, useDensity } from "./density";
import type { Selection } from "./selection";

/** What of a folder is shown. */
export type Show = "all" | "unread" | "starred";

export type BatchAction =
  | "read"
  | "unread"
  | "star"
  | "unstar"
  | "archive"
  | "trash"
  | "junk"
  | "notJunk"
  | { to: string };

interface ListHeadProps {
  ref?: Ref<{ focusSearch: () => void }>;
  /** The folder's name, in the reader's language. */
  name: string;
  unread: number;
  /** How many rows there are; null while it is not known. */
  total: number | null;
  loaded: number;
  show: Show;
  /** What is searched for; undefined when nothing is. */
  query: string | undefined;
  everywhere: boolean;
  /** The folder whose list it is: where chosen mails cannot be moved to. */
  mailboxId: string | null;
  role: string | null;
  selection: Selection;
  onSearch: (query: string | undefined, everywhere: boolean) => void;
  onShow: (show: Show) => void;
  onBatch: (action: BatchAction) => void;
  onMarkAllRead: () => void;
  onEmpty?: (() => void) | undefined;
}

/** Above the list: search, the folder's name and numbers; or what can be done with what is chosen. */
export function ListHead(props: ListHeadProps) {
  const { selection, query, everywhere, name, onSearch } = props;
  const { t } = useTranslation();
  const language = currentLanguage();
  const { total, loaded } = props;

  return (
    <div className="list-head">
      <SearchBox ref={props.ref} query={query} onSearch={(next) => onSearch(next, everywhere)} />
      {query !== undefined && (
        <fieldset className="list-scope" aria-label={t("search.where")}>
          {([false, true] as const).map((all) => (
            <Button
              key={String(all)}
              size="small"
              type={all === everywhere ? "primary" : "default"}
              ghost={all === everywhere}
              aria-pressed={all === everywhere}
              onClick={() => onSearch(query, all)}
            >
              {all ? t("search.everywhere") : t("search.here", { folder: name })}
            </Button>
          ))}
          <span role="status">
            {total === null ? "" : t("search.found", { count: total, number: numberText(total, language) })}
          </span>
        </fieldset>
      )}
      {selection.count > 0 ? (
        <>
          <h1 className="yanshu-hidden">{query === undefined ? name : t("search.results")}</h1>
          <BatchBar {...props} />
        </>
      ) : (
        <div className="list-bar">
          <SelectLoaded selection={selection} loaded={loaded} />
          <h1 className="list-title">
            <span>{query === undefined ? name : t("search.results")}</span>
            {query === undefined && props.unread > 0 && (
              <span className="list-detail">
                {t("list.unread", { count: props.unread, number: numberText(props.unread, language) })}
              </span>
            )}
          </h1>
          {query === undefined && <ShowMenu show={props.show} onShow={props.onShow} />}
          <MoreMenu {...props} />
        </div>
      )}
      {selection.count > 0 &&
        !selection.all &&
        total !== null &&
        total > selection.count &&
        selection.count >= loaded && (
          <div className="list-all">
            <Button type="link" size="small" onClick={selection.selectAll}>
              {t("list.selectAll", { count: total, number: numberText(total, language) })}
            </Button>
          </div>
        )}
    </div>
  );
}

function SearchBox({
  ref,
  query,
  onSearch,
}: {
  ref?: Ref<{ focusSearch: () => void }>;
  query: string | undefined;
  onSearch: (query: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(query ?? "");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(query ?? ""), [query]);
  useImperativeHandle(ref, () => ({ focusSearch: () => input.current?.select() }));
  const end = () => {
    setText("");
    if (query !== undefined) onSearch(undefined);
  };
  const submit = () => onSearch(text.trim() === "" ? undefined : text.trim());
  return (
    <search className="list-search">
      <SearchOutlined aria-hidden className="search-icon" />
      <input
        ref={input}
        className="search-field"
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        placeholder={t("search.placeholder")}
        aria-label={t("search.label")}
        title={t("search.help")}
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") submit();
          if (event.key === "Escape") {
            event.stopPropagation();
            event.nativeEvent.stopImmediatePropagation();
            if (text !== "" || query !== undefined) end();
            else input.current?.blur();
          }
        }}
      />
      {(text !== "" || query !== undefined) && (
        <Button
          type="text"
          size="small"
          className="search-end"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("search.end")}
          onClick={() => {
            end();
            input.current?.focus();
          }}
        />
      )}
    </search>
  );
}

function SelectLoaded({ selection, loaded }: { selection: Selection; loaded: number }) {
  const { t } = useTranslation();
  const box = useRef<HTMLInputElement>(null);
  const some = selection.count > 0 && !selection.all && selection.count < loaded;
  useEffect(() => {
    if (box.current) box.current.indeterminate = some;
  }, [some]);
  return (
    <label className="row-tick">
      <input
        ref={box}
        type="checkbox"
        aria-label={t("list.selectLoaded")}
        checked={selection.count > 0 && !some}
        disabled={loaded === 0}
        onChange={() => (selection.count > 0 ? selection.clear() : selection.selectLoaded())}
      />
    </label>
  );
}

function BatchBar(props: ListHeadProps) {
  const { selection, onBatch, role } = props;
  const { t } = useTranslation();
  const narrow = useMedia("(max-width: 520px)");
  const rows = selection.rows();
  const anyUnread = selection.all || rows.some((row) => row.members.some(({ keywords }) => !keywords.$seen));
  const anyPlain = rows.some((row) => !row.members.some(({ keywords }) => keywords.$flagged));
  const isJunk = role === "junk";
  const count = numberText(selection.count, currentLanguage());
  return (
    <div className="list-bar" data-choosing role="toolbar" aria-label={t("list.chosen", { count })}>
      {narrow ? (
        <Button
          type="text"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t("list.clearSelection")}
          onClick={selection.clear}
        />
      ) : (
        <SelectLoaded selection={selection} loaded={props.loaded} />
      )}
      <span className="list-chosen" role="status">
        {t(narrow ? "list.chosenShort" : "list.chosen", { count })}
      </span>
      <BarButton
        label={t(anyUnread ? "actions.read" : "actions.unread")}
        icon={anyUnread ? <EyeOutlined /> : <EyeInvisibleOutlined />}
        onClick={() => onBatch(anyUnread ? "read" : "unread")}
      />
      {role !== "archive" && !narrow && (
        <BarButton label={t("actions.archive")} icon={<ArchiveIcon />} onClick={() => onBatch("archive")} />
      )}
      <BarButton
        label={t(role === "trash" ? "actions.destroy" : "actions.delete")}
        icon={<DeleteOutlined />}
        onClick={() => onBatch("trash")}
      />
      <MoveMenu except={props.mailboxId} onChoose={(to) => onBatch({ to })}>
        <Button
          type="text"
          icon={<FolderOutlined aria-hidden />}
          aria-label={t("actions.move")}
          title={t("actions.move")}
        />
      </MoveMenu>
      <Dropdown
        trigger={["click"]}
        placement="bottomRight"
        menu={{
          items: [
            {
              key: anyPlain || selection.all ? "star" : "unstar",
              icon: <StarOutlined aria-hidden />,
              label: t(anyPlain || selection.all ? "actions.star" : "actions.unstar"),
            },
            ...(anyUnread
              ? [{ key: "unread", icon: <EyeInvisibleOutlined aria-hidden />, label: t("actions.unread") }]
              : []),
            ...(role !== "archive" && narrow
              ? [{ key: "archive", icon: <ArchiveIcon aria-hidden />, label: t("actions.archive") }]
              : []),
            {
              key: isJunk ? "notJunk" : "junk",
              icon: isJunk ? <CheckOutlined aria-hidden /> : <StopOutlined aria-hidden />,
              label: t(isJunk ? "actions.notJunk" : "actions.junk"),
            },
          ],
          onClick: ({ key }) => onBatch(key as BatchAction),
        }}
      >
        <Button type="text" icon={<MoreOutlined aria-hidden />} aria-label={t("list.moreActions")} />
      </Dropdown>
    </div>
  );
}

function BarButton({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return <Button type="text" icon={icon} aria-label={label} title={label} onClick={onClick} />;
}

function ShowMenu({ show, onShow }: { show: Show; onShow: (show: Show) => void }) {
  const { t } = useTranslation();
  const shows: Show[] = ["all", "unread", "starred"];
  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{
        selectable: true,
        selectedKeys: [show],
        items: shows.map((key) => ({ key, label: t(`list.show.${key}`) })),
        onClick: ({ key }) => onShow(key as Show),
      }}
    >
      <Button
        type="text"
        icon={<FilterOutlined aria-hidden />}
        aria-label={t("list.showLabel", { show: t(`list.show.${show}`) })}
        title={t("list.showLabel", { show: t(`list.show.${show}`) })}
        style={show === "all" ? undefined : { color: "var(--ant-color-primary)" }}
      >
        {show === "all" ? null : t(`list.show.${show}`)}
      </Button>
    </Dropdown>
  );
}

function MoreMenu({ unread, onMarkAllRead, onEmpty, total, selection }: ListHeadProps) {
  const { t } = useTranslation();
  const density = useDensity();
  const phone = useMedia("(max-width: 860px)");
  const densities: Density[] = ["comfortable", "compact"];
  return (
    <Dropdown
      trigger={["click"]}
      placement="bottomRight"
      menu={{
        items: [
          { key: "select", label: t("list.selectLoaded"), disabled: !total },
          { key: "read", label: t("folders.markRead"), disabled: unread === 0 },
          ...(onEmpty ? [{ key: "empty", label: t("folders.emptyFolder"), danger: true, disabled: !total }] : []),
          ...(phone
            ? []
            : [
                { type: "divider" as const },
                ...densities.map((key) => ({
                  key,
                  icon: <CheckOutlined aria-hidden style={{ visibility: key === density ? "visible" : "hidden" }} />,
                  label: <span aria-current={key === density ? "true" : undefined}>{t(`list.density.${key}`)}</span>,
                })),
              ]),
        ],
        onClick: ({ key }) => {
          if (key === "select") selection.selectLoaded();
          else if (key === "read") onMarkAllRead();
          else if (key === "empty") onEmpty?.();
          else chooseDensity(key as Density);
        },
      }}
    >
      <Button type="text" icon={<MoreOutlined aria-hidden />} aria-label={t("list.more")} title={t("list.more")} />
    </Dropdown>
  );
}

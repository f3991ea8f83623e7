import {
  BgColorsOutlined,
  BoldOutlined,
  ClearOutlined,
  ItalicOutlined,
  LinkOutlined,
  OrderedListOutlined,
  PictureOutlined,
  UnderlineOutlined,
  UnorderedListOutlined,
} from "@ant-design/icons";
import { Editor } from "@tiptap/core";
import { Button, Dropdown, Input } from "antd";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { colours, textExtensions } from "./extensions";
import { QuoteIcon } from "./icons";

export interface TextEditorHandle {
  insertPicture: (picture: { src: string; cid: string; alt: string }) => void;
  focus: () => void;
}

interface TextEditorProps {
  ref?: Ref<TextEditorHandle>;
  /** What it begins with; later changes are its own. */
  html: string;
  label: string;
  autoFocus: boolean;
  onChange: (html: string) => void;
  /** Files that were pasted or dropped into the text. */
  onFiles: (files: File[], asPictures: boolean) => void;
}

/** Writes a text with some looks: bold, lists, links, quotations, a few colours, pictures. */
export function TextEditor(props: TextEditorProps) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const placeholder = t("compose.placeholder");

  useEffect(() => {
    if (place.current === null) return;
    const { html, label, autoFocus } = latest.current;
    const made = new Editor({
      element: place.current,
      extensions: textExtensions(placeholder),
      content: html,
      // The page's policy lets styles come from files only.
      injectCSS: false,
      autofocus: autoFocus ? "start" : false,
      editorProps: {
        attributes: { role: "textbox", "aria-multiline": "true", "aria-label": label, class: "editor-text" },
        handlePaste: (_, event) => takeFiles(event.clipboardData, latest.current.onFiles),
        handleDrop: (_, event) => takeFiles((event as DragEvent).dataTransfer, latest.current.onFiles),
      },
      onUpdate: ({ editor: changed }) => latest.current.onChange(changed.getHTML()),
    });
    setEditor(made);
    return () => made.destroy();
  }, [placeholder]);

  useImperativeHandle(
    props.ref,
    () => ({
      insertPicture: (picture) =>
        void editor
          ?.chain()
          .focus()
          .insertContent([
            { type: "image", attrs: picture },
            { type: "text", text: " " },
          ])
          .run(),
      focus: () => void editor?.commands.focus(),
    }),
    [editor],
  );

  return (
    <div className="editor">
      {editor !== null && <Tools editor={editor} onFiles={props.onFiles} />}
      <div ref={place} className="editor-place" />
    </div>
  );
}

// Rich text that brings a picture of itself along is text.
function takeFiles(data: DataTransfer | null, onFiles: TextEditorProps["onFiles"]): boolean {
  const files = [...(data?.files ?? [])];
  if (files.length === 0 || data?.types.includes("text/html")) return false;
  sortFiles(files, onFiles);
  return true;
}

/** Pictures go into the text, anything else beside it. */
function sortFiles(files: File[], onFiles: TextEditorProps["onFiles"]) {
  const pictures = files.filter(({ type }) => isPicture(type));
  const others = files.filter(({ type }) => !isPicture(type));
  if (pictures.length > 0) onFiles(pictures, true);
  if (others.length > 0) onFiles(others, false);
}

export const isPicture = (type: string) => /^image\/(png|jpeg|gif|webp)$/.test(type);

function Tools({ editor, onFiles }: { editor: Editor; onFiles: TextEditorProps["onFiles"] }) {
  const { t } = useTranslation();
  const [, setTick] = useState(0);
  const [link, setLink] = useState<string | null>(null);
  const file = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const changed = () => setTick((tick) => tick + 1);
    editor.on("transaction", changed);
    return () => {
      editor.off("transaction", changed);
    };
  }, [editor]);

  const tool = (name: string, icon: ReactNode, active: boolean, run: () => void) => (
    <Button
      key={name}
      type="text"
      size="small"
      icon={icon}
      aria-label={t(`compose.tools.${name}`)}
      title={t(`compose.tools.${name}`)}
      aria-pressed={active}
      className={active ? "tool tool-on" : "tool"}
      // The text keeps its selection.
      onMouseDown={(event) => event.preventDefault()}
      onClick={run}
    />
  );

  function applyLink() {
    const address = (link ?? "").trim();
    const chain = editor.chain().focus().extendMarkRange("link");
    if (address === "") chain.unsetLink().run();
    else {
      const href = /^(https?:|mailto:|tel:)/i.test(address) ? address : `https://${address}`;
      if (editor.state.selection.empty && !editor.isActive("link")) {
        editor
          .chain()
          .focus()
          .insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href } }] })
          .run();
      } else chain.setLink({ href }).run();
    }
    setLink(null);
  }

  return (
    <>
      <div className="tools" role="toolbar" aria-label={t("compose.tools.label")}>
        {tool("bold", <BoldOutlined aria-hidden />, editor.isActive("bold"), () =>
          editor.chain().focus().toggleBold().run(),
        )}
        {tool("italic", <ItalicOutlined aria-hidden />, editor.isActive("italic"), () =>
          editor.chain().focus().toggleItalic().run(),
        )}
        {tool("underline", <UnderlineOutlined aria-hidden />, editor.isActive("underline"), () =>
          editor.chain().focus().toggleUnderline().run(),
        )}
        <Dropdown
          trigger={["click"]}
          popupRender={() => (
            <fieldset className="palette" aria-label={t("compose.tools.colour")}>
              {[null, ...colours].map((colour, at) => (
                <button
                  key={colour ?? "none"}
                  type="button"
                  className="swatch"
                  aria-label={t(`compose.colours.${at as 0 | 1 | 2 | 3 | 4 | 5 | 6}`)}
                  title={t(`compose.colours.${at as 0 | 1 | 2 | 3 | 4 | 5 | 6}`)}
                  style={{ background: colour ?? "transparent" }}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() =>
                    colour === null
                      ? editor.chain().focus().unsetMark("colour").run()
                      : editor.chain().focus().setMark("colour", { colour }).run()
                  }
                />
              ))}
            </fieldset>
          )}
        >
          <Button
            type="text"
            size="small"
            className="tool"
            icon={<BgColorsOutlined aria-hidden />}
            aria-label={t("compose.tools.colour")}
            title={t("compose.tools.colour")}
            onMouseDown={(event) => event.preventDefault()}
          />
        </Dropdown>
        {tool("bullets", <UnorderedListOutlined aria-hidden />, editor.isActive("bulletList"), () =>
          editor.chain().focus().toggleBulletList().run(),
        )}
        {tool("numbers", <OrderedListOutlined aria-hidden />, editor.isActive("orderedList"), () =>
          editor.chain().focus().toggleOrderedList().run(),
        )}
        {tool("quote", <QuoteIcon />, editor.isActive("blockquote"), () =>
          editor.chain().focus().toggleBlockquote().run(),
        )}
        {tool("link", <LinkOutlined aria-hidden />, editor.isActive("link"), () =>
          setLink(link === null ? String(editor.getAttributes("link").href ?? "") : null),
        )}
        {tool("picture", <PictureOutlined aria-hidden />, false, () => file.current?.click())}
        {tool("clear", <ClearOutlined aria-hidden />, false, () =>
          editor.chain().focus().unsetAllMarks().clearNodes().run(),
        )}
        <input
          ref={file}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          multiple
          hidden
          onChange={(event) => {
            sortFiles([...(event.target.files ?? [])], onFiles);
            event.target.value = "";
          }}
        />
      </div>
      {link !== null && (
        <div className="link-row">
          <Input
            autoFocus
            size="small"
            value={link}
            placeholder="https://"
            aria-label={t("compose.linkAddress")}
            onChange={(event) => setLink(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && !event.nativeEvent.isComposing) {
                event.preventDefault();
                event.stopPropagation();
                applyLink();
              } else if (event.key === "Escape") {
                event.stopPropagation();
                setLink(null);
                editor.commands.focus();
              }
            }}
          />
          <Button size="small" type="primary" onClick={applyLink}>
            {t("compose.linkApply")}
          </Button>
        </div>
      )}
    </>
  );
}

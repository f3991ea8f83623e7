import { PictureOutlined } from "@ant-design/icons";
import { useThemeName } from "@yanshu/ui";
import { Button, theme } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { seedOfMailto } from "../../compose/mailto";
import { compose } from "../../compose/windows";
import { useMail } from "../store/useMail";

const shown = new Set<string>();

interface HtmlBodyProps {
  emailId: string;
  subject: string;
  /** Keys pressed inside the frame do what they do outside. */
  onKey: (event: KeyboardEvent) => void;
}

/**
 * What a mail says in HTML, in a frame without scripts that shows the server's cleaned document. The frame is of our own origin, so
 * that this page can measure how tall it is and give it dark paper; nothing in it can run. Pictures of other servers stay away
 * until they are asked for: fetching them tells their sender that the mail was read.
 */
export function HtmlBody({ emailId, subject, onKey }: HtmlBodyProps) {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const { client } = useMail();
  const dark = useThemeName() === "dark";
  const frame = useRef<HTMLIFrameElement>(null);
  const [pictures, setPictures] = useState<"hold" | "show">(shown.has(emailId) ? "show" : "hold");
  const [held, setHeld] = useState(0);
  const [height, setHeight] = useState<number>();
  const [plain, setPlain] = useState(true);
  const stop = useRef<() => void>(undefined);
  const latestKey = useRef(onKey);
  latestKey.current = onKey;

  useEffect(() => () => stop.current?.(), []);

  // Colours of ours where the mail has none of its own; a mail with colours keeps its white paper.
  useEffect(() => {
    const page = frame.current?.contentDocument?.body;
    if (!page || height === undefined) return;
    const onDark = dark && plain;
    page.ownerDocument.documentElement.style.setProperty("color-scheme", onDark ? "dark" : "light");
    page.style.setProperty("background", onDark ? token.colorBgContainer : "#ffffff");
    page.style.setProperty("color", onDark ? token.colorText : "#1f2329");
    page.style.setProperty("font-size", "15px");
    page.style.setProperty("font-family", token.fontFamily);
    page.ownerDocument.documentElement.lang = document.documentElement.lang;
    if (dark && !plain) page.style.setProperty("padding", "12px 16px");
    else page.style.removeProperty("padding");
    for (const link of page.querySelectorAll<HTMLElement>("a[href]")) {
      if (onDark) link.style.setProperty("color", token.colorLink);
      else link.style.removeProperty("color");
    }
  }, [dark, plain, height, token]);

  function loaded() {
    stop.current?.();
    const page = frame.current?.contentDocument;
    if (!page?.body) return;
    setHeld(page.querySelectorAll("img[data-remote-src]").length);
    setPlain(!hasOwnColours(page));
    const measure = () => setHeight(Math.ceil(contentHeight(page)) + 1);
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(page.body);
    const key = (event: KeyboardEvent) => latestKey.current(event);
    const click = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.("a[href]");
      const href = link?.getAttribute("href") ?? "";
      if (!/^mailto:/i.test(href)) return;
      event.preventDefault();
      compose.open(seedOfMailto(href));
    };
    page.addEventListener("keydown", key);
    page.addEventListener("click", click);
    page.addEventListener("load", measure, true);
    stop.current = () => {
      sizes.disconnect();
      page.removeEventListener("keydown", key);
      page.removeEventListener("click", click);
      page.removeEventListener("load", measure, true);
    };
  }

  return (
    <>
      {held > 0 && pictures === "hold" && (
        <div className="body-bar" role="note">
          <PictureOutlined aria-hidden />
          <span>{t("reading.picturesHeld", { count: held })}</span>
          <Button
            size="small"
            onClick={() => {
              shown.add(emailId);
              setPictures("show");
            }}
          >
            {t("reading.showPictures")}
          </Button>
        </div>
      )}
      <iframe
        ref={frame}
        className="body-frame"
        data-paper={dark && !plain ? "white" : undefined}
        // No scripts, no forms, no plug-ins; links open their own tab.
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        src={client.messageUrl(emailId, pictures)}
        title={t("reading.body", { subject })}
        referrerPolicy="no-referrer"
        onLoad={loaded}
        style={{ height: height ?? 160, opacity: height === undefined ? 0 : 1 }}
      />
    </>
  );
}

// The body's own box leaves out what sticks out of it, the page's height what is below the last line.
function contentHeight(page: Document): number {
  const style = getComputedStyle(page.body);
  const margins = Number.parseFloat(style.marginTop) + Number.parseFloat(style.marginBottom);
  return Math.max(page.body.scrollHeight, page.body.getBoundingClientRect().height) + (margins || 0);
}

const coloured = "[bgcolor], [background], font[color], [style*='color'], [style*='background'], style";

function hasOwnColours(page: Document): boolean {
  return [...page.querySelectorAll(coloured)].some(
    (element) =>
      element.tagName !== "STYLE" ||
      (element.closest("body") !== null && /color|background/.test(element.textContent ?? "")),
  );
}

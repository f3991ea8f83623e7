import { Extension, Mark } from "@tiptap/core";
import Image from "@tiptap/extension-image";
import StarterKit from "@tiptap/starter-kit";

/** The colours that a text can have: readable on light paper and, a shade lighter, on dark. */
export const colours = ["#b8352b", "#96610a", "#1f7a4a", "#2f4b7c", "#7a3e9d", "#6a7280"] as const;

const asHex = (colour: string): string | null => {
  const parts = /^rgba?\((\d+), *(\d+), *(\d+)/.exec(colour);
  const hex =
    parts === null
      ? colour.toLowerCase()
      : `#${parts
          .slice(1, 4)
          .map((part) => Number(part).toString(16).padStart(2, "0"))
          .join("")}`;
  return colours.find((one) => one === hex) ?? null;
};

/** One of our colours; those of pasted texts are left out, because they were made for other paper. */
export const Colour = Mark.create({
  name: "colour",
  addAttributes: () => ({
    colour: {
      default: null,
      parseHTML: (element: HTMLElement) => asHex(element.style.color),
      renderHTML: ({ colour }: Record<string, unknown>) => (colour ? { style: `color:${String(colour)}` } : {}),
    },
  }),
  parseHTML: () => [
    { tag: "span", getAttrs: (element) => (asHex((element as HTMLElement).style.color) === null ? false : null) },
  ],
  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
});

/** Pictures of the mail itself; those of other servers would tell them who writes. */
export const Picture = Image.extend({
  inline: true,
  group: "inline",
  addAttributes() {
    return {
      ...this.parent?.(),
      cid: {
        default: null,
        parseHTML: (element: HTMLElement) => element.getAttribute("data-cid"),
        renderHTML: ({ cid }: Record<string, unknown>) => (cid ? { "data-cid": String(cid) } : {}),
      },
    };
  },
  parseHTML: () => [{ tag: "img[data-cid]" }],
});

/** What the text of a mail can be made of. */
export function textExtensions(placeholder: string) {
  return [
    StarterKit.configure({
      heading: false,
      codeBlock: false,
      code: false,
      horizontalRule: false,
      link: {
        openOnClick: false,
        autolink: true,
        defaultProtocol: "https",
        protocols: ["http", "https", "mailto", "tel"],
        HTMLAttributes: { rel: "noopener noreferrer", target: null, class: null },
      },
    }),
    Colour,
    Picture,
    hint(placeholder),
  ];
}

// Told by CSS while the text is empty.
function hint(text: string) {
  return Extension.create({
    name: "hint",
    onCreate() {
      this.editor.view.dom.setAttribute("data-hint", text);
      this.editor.view.dom.toggleAttribute("data-empty", this.editor.isEmpty);
    },
    onUpdate() {
      this.editor.view.dom.toggleAttribute("data-empty", this.editor.isEmpty);
    },
  });
}

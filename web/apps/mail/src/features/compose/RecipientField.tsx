import { CloseOutlined } from "@ant-design/icons";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { addressText, nameOf, parseRecipients, type Recipient, withoutRepeats } from "../mail/parts/addresses";
import { useMail } from "../mail/store/useMail";
import { useSuggestions } from "./completion";

interface RecipientFieldProps {
  label: string;
  value: readonly Recipient[];
  onChange: (recipients: Recipient[]) => void;
  autoFocus?: boolean;
  /** What is wrong with it, in words. */
  wrong?: string | undefined;
}

/** Recipients as chips: typed, pasted, or chosen among colleagues and those one wrote to lately. */
export function RecipientField({ label, value, onChange, autoFocus = false, wrong }: RecipientFieldProps) {
  const { t } = useTranslation();
  const mail = useMail();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const suggestions = useSuggestions(mail, text, value);
  const shown = open && suggestions.length > 0;
  const active = Math.min(at, suggestions.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: other suggestions begin with the first.
  useEffect(() => setAt(0), [suggestions]);
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus]);

  const add = (more: Recipient[]) => {
    if (more.length > 0) onChange(withoutRepeats([...value, ...more]));
    setText("");
    setOpen(false);
  };
  const choose = (place: number) => {
    const one = suggestions[place];
    if (one !== undefined) add([{ name: one.name, email: one.email, valid: true }]);
  };

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.nativeEvent.isComposing) return;
    const { key } = event;
    if (shown && (key === "ArrowDown" || key === "ArrowUp")) {
      setAt((active + (key === "ArrowDown" ? 1 : suggestions.length - 1)) % suggestions.length);
    } else if ((key === "Enter" && !event.ctrlKey && !event.metaKey) || (key === "Tab" && text.trim() !== "")) {
      if (shown) choose(active);
      else if (text.trim() === "") return;
      else add(parseRecipients(text));
      if (key === "Tab") return;
    } else if (/^[,;，；、]$/.test(key) && text.trim() !== "" && !/"[^"]*$/.test(text)) add(parseRecipients(text));
    else if (key === "Escape" && shown) {
      setOpen(false);
      event.stopPropagation();
    } else if (key === "Backspace" && text === "" && value.length > 0) onChange(value.slice(0, -1));
    else return;
    event.preventDefault();
  }

  return (
    <div className="recipients" data-wrong={wrong !== undefined || undefined}>
      <label htmlFor={id}>{label}</label>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a click beside the chips is meant for the field. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field itself takes the keys. */}
      <div
        className="recipients-box"
        onClick={(event) => event.target === event.currentTarget && input.current?.focus()}
      >
        {value.map((one) => (
          <span
            key={one.email}
            className="chip"
            data-invalid={!one.valid || undefined}
            title={one.valid ? addressText(one) : t("compose.addressWrong", { address: one.email })}
          >
            <button
              type="button"
              className="chip-name"
              aria-label={t("compose.editRecipient", { name: addressText(one) })}
              onClick={() => {
                onChange(value.filter(({ email }) => email !== one.email));
                setText(addressText(one));
                input.current?.focus();
              }}
            >
              {one.valid ? nameOf(one) : one.email}
            </button>
            <button
              type="button"
              className="chip-remove"
              aria-label={t("compose.removeRecipient", { name: nameOf(one) })}
              onClick={() => {
                onChange(value.filter(({ email }) => email !== one.email));
                input.current?.focus();
              }}
            >
              <CloseOutlined aria-hidden />
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={id}
          className="recipients-input"
          role="combobox"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={shown ? `${id}-${active}` : undefined}
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong === undefined ? undefined : `${id}-wrong`}
          autoComplete="off"
          spellCheck={false}
          inputMode="email"
          enterKeyHint="next"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setOpen(true);
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData("text/plain");
            const found = parseRecipients(pasted);
            if (found.length < 2 && !found[0]?.valid) return;
            event.preventDefault();
            add(found);
          }}
          onBlur={() => {
            setOpen(false);
            if (text.trim() !== "") add(parseRecipients(text));
          }}
        />
        <div
          id={`${id}-list`}
          role="listbox"
          aria-label={t("compose.suggestions")}
          className="suggestions"
          hidden={!shown}
        >
          {shown &&
            suggestions.map((one, place) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the active one.
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys.
              <div
                key={one.email}
                id={`${id}-${place}`}
                role="option"
                aria-selected={place === active}
                className="suggestion"
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => {
                  choose(place);
                  input.current?.focus();
                }}
                onMouseMove={() => setAt(place)}
              >
                <span className="suggestion-name">
                  {nameOf(one)}
                  {one.detail !== "" && <span className="suggestion-detail">{one.detail}</span>}
                </span>
                <span className="suggestion-address">{one.email}</span>
              </div>
            ))}
        </div>
      </div>
      {wrong !== undefined && (
        <p id={`${id}-wrong`} role="alert" className="recipients-wrong">
          {wrong}
        </p>
      )}
    </div>
  );
}

import { CheckCircleFilled, MinusCircleOutlined } from "@ant-design/icons";
import { Input, theme } from "antd";
import { type ComponentProps, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { allMet, type PasswordRule, rulesAt } from "./password-rules";

interface PasswordFieldProps extends Omit<ComponentProps<typeof Input.Password>, "onChange" | "value"> {
  value?: string;
  onChange?: (value: string) => void;
  /** Asks the server; with an empty password it names the rules. */
  check: (password: string) => Promise<PasswordRule[]>;
  /** Told whenever it changes whether every rule is met. */
  onRules?: (met: boolean) => void;
}

const pause = 300;

/** A field for a new password that tells rule by rule, while typing, what is still missing. */
export function PasswordField({ value = "", onChange, check, onRules, ...rest }: PasswordFieldProps) {
  const { t } = useTranslation();
  const { token } = theme.useToken();
  const id = useId();
  const [answer, setAnswer] = useState<PasswordRule[]>([]);
  const latest = useRef({ check, onRules });
  latest.current = { check, onRules };

  useEffect(() => {
    let current = true;
    const timer = setTimeout(
      () => {
        latest.current.check(value).then(
          (rules) => {
            if (current) setAnswer(rules);
          },
          () => {
            // Without an answer the last rules stay; the server checks again when the form is sent.
          },
        );
      },
      value === "" ? 0 : pause,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [value]);

  const rules = rulesAt(value, answer);
  const met = allMet(rules);
  useEffect(() => latest.current.onRules?.(met), [met]);

  return (
    <div>
      <Input.Password
        autoComplete="new-password"
        maxLength={256}
        {...rest}
        value={value}
        aria-describedby={id}
        onChange={(event) => onChange?.(event.target.value)}
      />
      <ul
        id={id}
        aria-label={t("ui.password.rules")}
        style={{ listStyle: "none", margin: "8px 0 0", padding: 0, display: "grid", gap: 2, fontSize: 13 }}
      >
        {rules.map((rule) => (
          <li
            key={rule.rule}
            data-met={rule.met}
            style={{ display: "flex", gap: 8, color: rule.met ? token.colorSuccess : token.colorTextSecondary }}
          >
            {rule.met ? <CheckCircleFilled aria-hidden /> : <MinusCircleOutlined aria-hidden />}
            <span>{t([`ui.password.rule.${rule.rule}`, "ui.password.rule.other"], rule.params)}</span>
            <span className="yanshu-hidden">{rule.met ? t("ui.password.met") : t("ui.password.missing")}</span>
          </li>
        ))}
      </ul>
      <span role="status" className="yanshu-hidden">
        {value === "" ? "" : summary()}
      </span>
    </div>
  );

  function summary(): string {
    if (met) return t("ui.password.allMet");
    return t("ui.password.left", { count: rules.filter((rule) => !rule.met).length });
  }
}

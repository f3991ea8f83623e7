/** One rule of the password policy, and whether the password meets it. `params` as the server gives them. */
export interface PasswordRule {
  rule: string;
  met: boolean;
  params: Record<string, string>;
}

// The rules that need no server; told at every key stroke.
const local: Record<string, (password: string, params: Record<string, string>) => boolean> = {
  min_length: (password, params) => [...password].length >= Number(params.min_length ?? 0),
  upper: (password) => /\p{Lu}/u.test(password),
  lower: (password) => /\p{Ll}/u.test(password),
  digit: (password) => /\p{N}/u.test(password),
  special: (password) => /[^\p{N}\p{Lu}\p{Ll}\p{Cc}]/u.test(password),
};

/** Brings the server's last answer up to the password as it stands now. Rules that only the server knows keep its answer. */
export function rulesAt(password: string, last: PasswordRule[]): PasswordRule[] {
  return last.map((rule) => ({
    ...rule,
    met: password !== "" && (local[rule.rule]?.(password, rule.params) ?? rule.met),
  }));
}

export function allMet(rules: PasswordRule[]): boolean {
  return rules.length > 0 && rules.every((rule) => rule.met);
}

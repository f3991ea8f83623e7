import type { components } from "@yanshu/api";

type Schemas = components["schemas"];

export const session = (stage: "full" | "choose_password" = "full") =>
  ({
    stage,
    csrf_token: "csrf",
    member: { id: "mbr_1", name: "任熙", account_name: "renxi2", address: "renxi2@example.test" },
    organisation: {
      id: "org_1",
      code: "kangning",
      name: "康宁医疗集团",
      time_zone: "Asia/Shanghai",
      language: "zh-CN",
    },
    password_policy: {
      min_length: 10,
      require_upper: true,
      require_lower: true,
      require_digit: true,
      require_special: false,
      history: 3,
    },
    administrator: true,
    permissions: [],
    role: null,
  }) satisfies Schemas["Session"];

/** The server's judgement of a password, close enough for pages. */
export function passwordVerdict(body: unknown) {
  const { password = "", name } = body as { password?: string; name?: string };
  const rules = [
    { rule: "min_length", met: password.length >= 10, params: { min_length: "10" } },
    { rule: "upper", met: /[A-Z]/.test(password), params: {} },
    { rule: "lower", met: /[a-z]/.test(password), params: {} },
    { rule: "digit", met: /\d/.test(password), params: {} },
    { rule: "common", met: password !== "" && !/^(password|qwerty)/i.test(password), params: {} },
    { rule: "personal", met: !(name && password.includes(name)), params: {} },
  ];
  return { body: { acceptable: rules.every((rule) => rule.met), rules } };
}

export const account: Schemas["Account"] = {
  id: "mbr_1",
  name: "任熙",
  account_name: "renxi2",
  address: "renxi2@example.test",
  aliases: ["ren.xi@example.test"],
  nickname: null,
  gender: "male",
  birthday: "1988-04-12",
  mobile: "+8618912342196",
  home_phone: null,
  office_phone: "010-88886666-8012",
  alternate_address: null,
  employee_number: "KN20190042",
  departments: [
    {
      department_id: "dep_3",

      path: ["总院", "内科", "心血管内科"],
      is_main: true,
      position: "主任医师",
      rank: null,
    },
    { department_id: "dep_9", path: ["总院", "急诊"], is_main: false, position: null, rank: null },
  ],
  mail: {
    mail_account_id: "acc_1",
    message_count: 0,
    used_bytes: 0,
    quota: { class_bytes: 10_737_418_240, extra_bytes: 0, total_bytes: 10_737_418_240 },
  },
  expires_on: null,
  last_sign_in_at: "2026-11-21T01:42:00Z",
};

export const sessions = {
  items: [
    {
      id: "ses_1",
      realm: "account",
      current: true,
      ip: "10.1.2.3",
      user_agent:
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
      created_at: "2026-11-20T01:42:00Z",
      last_seen_at: "2026-11-21T01:42:00Z",
      expires_at: "2026-12-21T01:42:00Z",
    },
    {
      id: "ses_2",
      realm: "account",
      current: false,
      ip: "117.136.0.9",
      user_agent:
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50",
      created_at: "2026-11-18T01:42:00Z",
      last_seen_at: "2026-11-20T11:02:00Z",
      expires_at: "2026-12-21T01:42:00Z",
    },
    {
      id: "ses_3",
      realm: "console",
      current: false,
      ip: "10.1.2.3",
      user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
      created_at: "2026-11-18T01:42:00Z",
      last_seen_at: "2026-11-18T11:02:00Z",
      expires_at: "2026-12-21T01:42:00Z",
    },
  ],
  next: null,
};

import type { components } from "@yanshu/api";
import { session } from "./samples";

type Schemas = components["schemas"];

const permissions: Schemas["Permission"][] = [
  "view_overview",
  "manage_organisation",
  "manage_domains",
  "view_departments",
  "manage_departments",
  "view_members",
  "manage_members",
  "reset_passwords",
  "import_members",
  "export_members",
  "manage_service_classes",
  "manage_administrators",
  "view_audit",
  "view_jobs",
  "manage_queue",
  "use_own_account",
];

export const owner: Schemas["Session"] = { ...session(), permissions, role: "owner" };

/** May look at members and nothing else. */
export const onlooker: Schemas["Session"] = {
  ...session(),
  permissions: ["view_overview", "view_departments", "view_members"],
  role: "org_admin",
};

function department(
  id: string,
  parent_id: string | null,
  name: string,
  subtree_count: number,
  more: Partial<Schemas["Department"]> = {},
): Schemas["Department"] {
  return {
    id,
    parent_id,
    name,
    identifier: id.slice(4),
    sort_order: 0,
    member_limit: null,
    member_count: subtree_count,
    subtree_count,
    not_activated_count: 0,
    leaders: [],
    ...more,
  };
}

export const departments: Schemas["Department"][] = [
  department("dep_root", null, "康宁医疗集团", 14_485, { not_activated_count: 211 }),
  department("dep_main", "dep_root", "总院", 3750, { sort_order: 1 }),
  department("dep_inner", "dep_main", "内科", 512, { not_activated_count: 9 }),
  department("dep_heart", "dep_inner", "心血管内科", 42, {
    member_limit: 50,
    not_activated_count: 3,
    leaders: [{ id: "mbr_2", name: "王芳" }],
  }),
  department("dep_lung", "dep_inner", "呼吸与危重症医学科", 65, { sort_order: 2 }),
  department("dep_surgery", "dep_main", "外科", 430, { sort_order: 3 }),
  department("dep_east", "dep_root", "东院区", 2104, { sort_order: 2 }),
  department("dep_community", "dep_root", "社区卫生服务中心", 86, { sort_order: 3 }),
];

/** A platform with very many departments, three levels deep. */
export function manyDepartments(count: number): Schemas["Department"][] {
  const all = [department("dep_root", null, "全市卫生健康系统", count * 5)];
  for (let at = 0; at < count; at += 1) {
    const parent = at % 100 === 0 ? "dep_root" : `dep_${at - (at % 100)}`;
    all.push(department(`dep_${at}`, parent, `第 ${at} 卫生服务站`, at % 100 === 0 ? 500 : 5, { sort_order: at }));
  }
  return all;
}

const names = [
  "任熙",
  "王丽",
  "卢嘉玲",
  "朱云浩",
  "叶桂怡",
  "钟明",
  "丁华",
  "潘华",
  "欧阳若兰",
  "Alexandra Müller-Lüdenscheidt",
];
const positions = ["主任医师", "技师", "副主任医师", "主任", "主管护师", null];
const states: Schemas["MemberState"][] = ["active", "active", "pending", "active", "suspended", "locked", "expired"];

export function memberRow(at: number): Schemas["MemberRow"] {
  const name = names[at % names.length] ?? "任熙";
  return {
    id: `mbr_${at}`,
    kind: "person",
    account_kind: at % 11 === 5 ? "personal" : "enterprise",
    name,
    account_name: `member${at}`,
    address: at % 9 === 4 ? null : `member${at}@example.test`,
    mobile: at % 7 === 3 ? null : `+8618900${String(at).padStart(6, "0")}`,
    employee_number: `H${String(10_000 + at)}`,
    state: states[at % states.length] ?? "active",
    departments: [
      {
        department_id: "dep_heart",
        path: ["总院", "内科", "心血管内科"],
        is_main: true,
        position: positions[at % positions.length] ?? null,
        rank: null,
      },
    ],
    service_class: { id: "cos_1", name: "标准" },
    expires_on: at % 13 === 1 ? "2027-03-31" : null,
    created_at: "2026-11-01T02:00:00Z",
    last_sign_in_at: at % 3 === 0 ? "2026-11-21T06:20:00Z" : null,
  };
}

/** A list of members of any length, a page at a time as the server gives it. */
export function memberPage(total: number, cursor: string | null, limit: number) {
  const from = cursor === null ? 0 : Number(cursor);
  const to = Math.min(total, from + limit);
  return {
    items: Array.from({ length: to - from }, (_, at) => memberRow(from + at)),
    next: to < total ? String(to) : null,
    total,
  };
}

export const member: Schemas["Member"] = {
  id: "mbr_0",
  kind: "person",
  account_kind: "enterprise",
  name: "任熙",
  account_name: "renxi2",
  address: "renxi2@example.test",
  aliases: ["ren.xi@example.test"],
  state: "active",
  departments: [
    {
      department_id: "dep_heart",
      path: ["总院", "内科", "心血管内科"],
      is_main: true,
      position: "主任医师",
      rank: "正高",
    },
    { department_id: "dep_east", path: ["东院区"], is_main: false, position: "会诊专家", rank: null },
  ],
  mail: {
    mail_account_id: "acc_1",
    quota: { class_bytes: 10_737_418_240, extra_bytes: 1_073_741_824, total_bytes: 11_811_160_064 },
    used_bytes: 127_611_699,
    message_count: 1204,
  },
  drive: { class_bytes: 10_737_418_240, extra_bytes: 0, total_bytes: 10_737_418_240 },
  service_class: { id: "cos_1", name: "标准" },
  nickname: null,
  gender: "male",
  birthday: "1985-04-12",
  alternate_address: null,
  mobile: "+8618976942196",
  home_phone: null,
  office_phone: "010-82586142",
  employee_number: "H00776",
  join_date: "2020-03-02",
  supervisor: { id: "mbr_2", name: "王芳" },
  office_location: "门诊楼 3 层",
  remarks: null,
  visible_in_directory: true,
  expires_on: null,
  role: null,
  missing_fields: [],
  created_at: "2026-11-01T02:00:00Z",
  activated_at: "2026-11-02T02:00:00Z",
  suspended_at: null,
  locked_at: null,
  recycled_at: null,
  last_sign_in_at: "2026-11-21T06:20:00Z",
};

export const serviceClasses: Schemas["ServiceClass"][] = [
  {
    id: "cos_1",
    name: "标准",
    is_default: true,
    mail_quota_bytes: 10_737_418_240,
    drive_quota_bytes: 10_737_418_240,
    member_count: 14_200,
  },
  {
    id: "cos_2",
    name: "科室主任",
    is_default: false,
    mail_quota_bytes: 107_374_182_400,
    drive_quota_bytes: null,
    member_count: 285,
  },
];

export const domains: Schemas["Domain"][] = [
  {
    id: "dom_1",
    name: "example.test",
    display_name: "example.test",
    is_default: true,
    owned: true,
    state: "assumed",
    verified_at: null,
    last_checked_at: null,
    created_at: "2026-11-01T02:00:00Z",
    dns_records: [],
  },
  {
    id: "dom_2",
    name: "xn--fiq228c5hs.test",
    display_name: "康宁.test",
    is_default: false,
    owned: true,
    state: "waiting",
    verified_at: null,
    last_checked_at: "2026-11-21T06:00:00Z",
    created_at: "2026-11-20T02:00:00Z",
    dns_records: [
      { kind: "TXT", name: "_yanshu.xn--fiq228c5hs.test", value: "yanshu-verification=4f1c2a9b7e", priority: null },
      { kind: "MX", name: "xn--fiq228c5hs.test", value: "mail.example.test.", priority: 10 },
      { kind: "TXT", name: "xn--fiq228c5hs.test", value: "v=spf1 mx -all", priority: null },
    ],
  },
];

// The API says of these objects only that they are objects.
const fields = (values: object) => values as Record<string, never>;

export const auditEvents: Schemas["AuditEvent"][] = [
  {
    id: "aud_3",
    at: "2026-11-21T06:20:00Z",
    actor: { kind: "member", id: "mbr_1", name: "任熙" },
    action: "member.changed",
    target: { kind: "member", id: "mbr_7", name: "潘华" },
    before: fields({ mobile: "+8618972874402", position: "技师" }),
    after: fields({ mobile: "+8618972870000", position: "主管技师" }),
    ip: "10.1.2.3",
    request_id: "req_01hq8z6y3m",
    seal_number: 1204,
  },
  {
    id: "aud_2",
    at: "2026-11-21T05:00:00Z",
    actor: { kind: "system", id: null, name: "" },
    action: "domain.verified",
    target: { kind: "domain", id: "dom_1", name: "example.test" },
    before: null,
    after: fields({ verified: true }),
    ip: null,
    request_id: "req_01hq8z6y3k",
    seal_number: null,
  },
];

export function job(more: Partial<Schemas["Job"]> = {}): Schemas["Job"] {
  return {
    id: "job_1",
    kind: "import.apply",
    state: "running",
    progress_done: 120,
    progress_total: 298,
    cancel_requested: false,
    import_id: "imp_1",
    result: null,
    error_code: null,
    error_params: {},
    created_by: "mbr_1",
    created_at: "2026-11-21T06:20:00Z",
    started_at: "2026-11-21T06:20:01Z",
    finished_at: null,
    ...more,
  };
}

export const overview: Schemas["Overview"] = {
  member_counts: {
    total: 14_485,
    active: 14_180,
    pending: 211,
    suspended: 62,
    locked: 3,
    expired: 29,
    leaving: 0,
    recycled: 12,
  },
  member_limit: 20_000,
  departments: 312,
  domains: 2,
  domains_waiting: 1,
  incomplete_profiles: 47,
  expiring_soon: 8,
  recent_jobs: [
    job(),
    job({
      id: "job_0",
      kind: "export.members",
      state: "done",
      import_id: null,
      progress_done: 14_485,
      progress_total: 14_485,
      finished_at: "2026-11-20T06:20:00Z",
    }),
  ],
  recent_audit: auditEvents,
};

export const emptyOverview: Schemas["Overview"] = {
  member_counts: { total: 1, active: 1, pending: 0, suspended: 0, locked: 0, expired: 0, leaving: 0, recycled: 0 },
  member_limit: null,
  departments: 0,
  domains: 1,
  domains_waiting: 0,
  incomplete_profiles: 1,
  expiring_soon: 0,
  recent_jobs: [],
  recent_audit: [],
};

export const organisation: Schemas["Organisation"] = {
  id: "org_1",
  code: "kangning",
  name: "康宁医疗集团",
  time_zone: "Asia/Shanghai",
  language: "zh-CN",
  member_limit: 20_000,
  password_policy: session().password_policy,
  required_fields: { name: true, mobile: true, department: true },
  initial_password_days: 7,
  complete_profile: ["mobile", "department"],
  expiring_soon_days: 30,
  client_passwords_only: false,
  created_at: "2026-11-01T02:00:00Z",
};

export const administrators: Schemas["Administrator"][] = [
  {
    member_id: "mbr_1",
    name: "任熙",
    account_name: "renxi2",
    address: "renxi2@example.test",
    role: "owner",
    granted_at: "2026-11-01T02:00:00Z",
  },
  {
    member_id: "mbr_2",
    name: "王芳",
    account_name: "wangfang",
    address: "wangfang@example.test",
    role: "org_admin",
    granted_at: "2026-11-12T02:00:00Z",
  },
];

export function importOf(more: Partial<Schemas["Import"]> = {}): Schemas["Import"] {
  return {
    id: "imp_1",
    state: "planned",
    file_name: "members-hospital.xlsx",
    file_bytes: 48_213,
    options: {
      domain: "example.test",
      create_missing_departments: true,
      default_country: "+86",
      on_existing: "update",
      department_id: null,
    },
    layout: {
      sheet: "花名册",
      encoding: null,
      delimiter: null,
      hidden_rows: 0,
      merged_ranges: 0,
      other_sheets: [],
      sheet_hidden: false,
      heading_row: 3,
      columns: [
        { index: 0, heading: "序号", key: "number", hidden: false },
        { index: 1, heading: "姓名*", key: "name", hidden: false },
        { index: 2, heading: "手机*", key: "mobile", hidden: false },
        { index: 3, heading: "邮箱前缀", key: "mail_prefix", hidden: false },
        { index: 4, heading: "部门*", key: "department", hidden: false },
        { index: 5, heading: "职务", key: "position", hidden: false },
        { index: 6, heading: "入职日期", key: "join_date", hidden: false },
        { index: 7, heading: "政治面貌", key: null, hidden: false },
      ],
    },
    summary: { create: 286, update: 9, move: 3, unchanged: 0, conflict: 4, error: 11 },
    rows_total: 313,
    rows_applied: 0,
    rows_failed: 0,
    rows_undone: 0,
    job_id: null,
    error_code: null,
    error_params: {},
    passwords_available: false,
    created_by: "mbr_1",
    created_at: "2026-11-21T06:20:00Z",
    planned_at: "2026-11-21T06:20:03Z",
    applied_at: null,
    undone_at: null,
    ...more,
  };
}

export function importRow(row_number: number, more: Partial<Schemas["ImportRow"]> = {}): Schemas["ImportRow"] {
  return {
    row_number,
    outcome: "create",
    cells: [
      String(row_number - 3),
      "任熙",
      "18976942196",
      "renxi2",
      "总院/内科/心血管内科",
      "主任医师",
      "2020.3.2",
      "",
    ],
    values: {
      name: "任熙",
      mobile: "+8618976942196",
      mail_prefix: "renxi2",
      department: "总院/内科/心血管内科",
      position: "主任医师",
      join_date: "2020-03-02",
    },
    errors: [],
    changes: {},
    member_id: null,
    result: null,
    ...more,
  };
}

export const importRows: Schemas["ImportRow"][] = [
  importRow(4),
  importRow(5, {
    outcome: "update",
    member_id: "mbr_3",
    changes: { mobile: ["+8613900000000", "+8618976942196"], position: ["", "主任医师"] },
  }),
  importRow(6, { outcome: "move", member_id: "mbr_4", changes: { department: ["东院区", "总院/内科/心血管内科"] } }),
  importRow(10, {
    outcome: "error",
    cells: ["7", "钟明", "138238", "zhongming", "总院/内科", "技师", "去年夏天", ""],
    values: { name: "钟明" },
    errors: [
      { column: "mobile", code: "mobile_invalid", params: {} },
      { column: "join_date", code: "date_invalid", params: {} },
    ],
  }),
  importRow(11, {
    outcome: "conflict",
    errors: [{ column: "mobile", code: "mobile_taken", params: { name: "王丽" } }],
  }),
  ...Array.from({ length: 200 }, (_, at) => importRow(12 + at)),
];

import type { Page } from "@playwright/test";
import type { Invocation } from "@yanshu/api/jmap";
import { FakeMail, fakeSession } from "@yanshu/api/jmap/testing";
import { account, session } from "./samples";

const people = [
  { name: "王芳", email: "wangfang@example.test" },
  { name: "财务处", email: "finance@example.test" },
  { name: "刘洋", email: "liuyang@example.test" },
  { name: "Emily Carter", email: "emily.carter@partner.example" },
  { name: "信息中心", email: "it@example.test" },
  { name: "陈建国", email: "chenjianguo@example.test" },
  { name: null, email: "noreply@supplier.example" },
] as const;

const person = (at: number) => ({ ...(people[at % people.length] as (typeof people)[number]) });
const me = { name: "任熙", email: "renxi2@example.test" };

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const newsletter = `<div style="font-family:sans-serif"><table width="100%" bgcolor="#2f4b7c"><tr><td style="color:#fff;padding:16px">
<h1 style="margin:0">设备采购季报</h1></td></tr></table><p>各位老师好，第四季度的设备采购目录如下：</p>
<table border="1" cellpadding="6" style="border-collapse:collapse"><tr><th>名称</th><th>数量</th><th>单价</th></tr>
<tr><td>便携式超声</td><td>4</td><td>86,000</td></tr><tr><td>监护仪</td><td>12</td><td>21,500</td></tr></table>
<p><img data-remote-src="https://track.example/open.gif" width="1" height="1"><img data-remote-src="https://cdn.example/banner.png"></p>
<p><a href="https://supplier.example/catalogue" target="_blank">查看全部目录</a></p></div>`;

/** A mailbox as a member has it after some weeks: threads, attachments, folders, Chinese and English. */
export function usualMailbox(): FakeMail {
  const mail = new FakeMail(me);
  const projects = mail.addMailbox("项目");
  mail.addMailbox("新门诊楼", projects);
  mail.addMailbox("科研合作", projects);
  mail.addMailbox("发票与报销");
  const rota = mail.add({
    mailbox: "inbox",
    from: person(0),
    to: [{ name: "内科全体", email: "neike@example.test" }],
    cc: [person(5)],
    subject: "关于 11 月排班的通知",
    text: "各位同事：\n\n附件为 11 月排班表，请在本周五前核对。如需调班，请直接回复此邮件，或在 https://intranet.example.test/rota 提交申请。\n\n注意：国庆期间值过班的同事可优先调休。\n\n王芳\n内科办公室",
    receivedAt: minutesAgo(4),
    attachments: [
      {
        name: "11月排班表.xlsx",
        type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        size: 49_152,
      },
      { name: "值班电话.txt", type: "text/plain", size: 640 },
    ],
  });
  mail.add({
    mailbox: "inbox",
    from: person(3),
    to: [me, person(0)],
    subject: "Re: Joint study on cardiac rehabilitation: data transfer agreement",
    text: "Dear Dr Ren,\n\nThank you for the quick turnaround. Our legal team has two remarks on section 4, which I have marked in the attached draft. Could we talk on Thursday at 15:00 your time?\n\nBest regards,\nEmily\n\nOn 19 Nov, Ren Xi wrote:\n> Dear Emily,\n> please find our draft attached.\n> 任熙",
    receivedAt: minutesAgo(48),
    attachments: [{ name: "DTA draft v3 (marked).pdf", type: "application/pdf", size: 1_240_000 }],
    keywords: ["$seen", "$flagged"],
    thread: "t900",
  });
  mail.add({
    mailbox: "sent",
    from: me,
    to: [person(3)],
    subject: "Joint study on cardiac rehabilitation: data transfer agreement",
    text: "Dear Emily,\n\nplease find our draft attached.\n\n任熙",
    receivedAt: minutesAgo(2900),
    keywords: ["$seen"],
    thread: "t900",
  });
  mail.add({
    mailbox: "inbox",
    from: person(6),
    subject: "设备采购季报 | 第四季度优惠目录",
    text: "各位老师好，第四季度的设备采购目录如下",
    html: newsletter,
    receivedAt: minutesAgo(190),
  });
  mail.add({
    mailbox: "inbox",
    from: person(1),
    subject: "报销流程更新",
    text: "自 12 月 1 日起，差旅报销改为线上提交，纸质单据不再受理。操作说明见内网。",
    receivedAt: minutesAgo(60 * 26),
    keywords: ["$seen", "$answered"],
  });
  const minutes = mail.add({
    mailbox: "inbox",
    from: person(2),
    to: [me],
    cc: [person(0), person(5)],
    subject: "科室例会纪要（第 46 周）",
    text: "例会纪要：\n1. 床位周转\n2. 教学查房\n3. 质控反馈",
    receivedAt: minutesAgo(60 * 50),
    keywords: ["$seen"],
  });
  for (const [at, text] of ["第 2 点请补充时间。", "已补充：周三上午。", "收到，谢谢！"].entries()) {
    mail.add({
      mailbox: at === 1 ? "sent" : "inbox",
      from: at === 1 ? me : person(at === 0 ? 0 : 5),
      subject: "Re: 科室例会纪要（第 46 周）",
      text,
      receivedAt: minutesAgo(60 * 49 - at * 20),
      keywords: ["$seen"],
      thread: minutes.threadId,
    });
  }
  for (let at = 0; at < 24; at += 1) {
    mail.add({
      mailbox: "inbox",
      from: person(at),
      subject:
        ["门诊值班安排", "培训报名确认", "Your access to the imaging archive", "会议室预订成功", "体检通知"][at % 5] ??
        "",
      text: "请查收，详情见正文。如有疑问，请与我联系。Please see the details below.",
      receivedAt: minutesAgo(60 * 24 * (3 + at * 9)),
      keywords: at % 7 === 0 ? [] : ["$seen"],
    });
  }
  mail.add({
    mailbox: "drafts",
    from: me,
    to: [person(0)],
    subject: "调班申请",
    text: "王主任，您好：\n想申请……",
    receivedAt: minutesAgo(300),
    keywords: ["$draft", "$seen"],
  });
  mail.add({
    mailbox: "junk",
    from: { name: "中奖通知", email: "lucky@spam.example" },
    subject: "恭喜您获得大奖！！！",
    text: "点击领取",
    receivedAt: minutesAgo(900),
  });
  mail.blobs.set(rota.attachments[1]?.blobId ?? "", "总值班 8001\n内科 8012\n外科 8023");
  return mail;
}

/** A mailbox with so many mails that only those in sight can be loaded. */
export function hugeMailbox(count = 20_000): FakeMail {
  const mail = usualMailbox();
  for (let at = 0; at < count; at += 1) {
    mail.add({
      mailbox: "inbox",
      from: person(at),
      subject: `系统日报 ${count - at}`,
      text: "各项指标正常。",
      receivedAt: minutesAgo(60 * 24 * 20 + at * 7),
      keywords: ["$seen"],
    });
  }
  return mail;
}

const departments = [
  { id: "dep_1", parent_id: null, name: "康宁医疗集团" },
  { id: "dep_2", parent_id: "dep_1", name: "总院" },
  { id: "dep_3", parent_id: "dep_2", name: "内科" },
  { id: "dep_4", parent_id: "dep_3", name: "心血管内科" },
  { id: "dep_5", parent_id: "dep_2", name: "外科" },
  { id: "dep_6", parent_id: "dep_1", name: "财务处" },
  { id: "dep_7", parent_id: "dep_1", name: "信息中心" },
];

const colleague = (at: number, name: string, prefix: string, path: string[], position: string | null, mobile = "") => ({
  id: `mbr_${at}`,
  name,
  nickname: null,
  address: prefix === "" ? null : `${prefix}@example.test`,
  mobile: mobile === "" ? null : mobile,
  office_phone: at % 3 === 0 ? "010-8888 6666" : null,
  departments: [{ department_id: departments.find((one) => one.name === path.at(-1))?.id ?? "dep_1", path, position }],
});

const colleagues = [
  colleague(1, "陈建国", "chenjianguo", ["总院", "外科"], "主任医师", "+8613911112222"),
  colleague(2, "刘洋", "liuyang", ["总院", "内科"], "住院医师", "+8613822223333"),
  colleague(3, "任熙", "renxi2", ["总院", "内科", "心血管内科"], "主任医师", "+8618912342196"),
  colleague(4, "王芳", "wangfang", ["总院", "内科"], "办公室主任", "+8613566667777"),
  colleague(5, "王丽", "wangli", ["总院", "内科", "心血管内科"], "技师"),
  colleague(6, "欧阳娜娜", "", ["信息中心"], null, "+8615900001111"),
  colleague(7, "张会计", "finance", ["财务处"], "会计"),
];

const documentOf = (html: string) =>
  `<!doctype html><html><head><meta charset="utf-8"><style>body{margin:0;padding:0;font:14px/1.6 system-ui,sans-serif;color:#1f1f1f;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}</style></head><body><div>${html}</div></body></html>`;

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** What a mail's frame shows; nothing runs in it, so the page that holds it is asked. */
export function textInFrame(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll("iframe")].map((one) => one.contentDocument?.body?.innerText ?? "").join("\n"),
  );
}

/** Answers the page's JMAP as a server with this account would, and the few REST calls around it. */
export async function serveMailbox(page: Page, mail: FakeMail) {
  await page.route("**/api/v1/session", (route) => route.fulfill({ json: session() }));
  await page.route("**/api/v1/account", (route) =>
    route.fulfill({
      json: { ...account, mail: { ...account.mail, used_bytes: 3_650_000_000, message_count: mail.emails.size } },
    }),
  );
  await page.route("**/api/v1/directory/departments", (route) =>
    route.fulfill({ json: { items: departments, next: null } }),
  );
  await page.route("**/api/v1/directory/members*", (route) => {
    const query = new URL(route.request().url()).searchParams;
    const search = query.get("search") ?? "";
    const department = departments.find(({ id }) => id === query.get("department_id"));
    const items = colleagues.filter(
      ({ name, address, mobile, departments: [place] }) =>
        `${name} ${address} ${mobile} ${place?.path.join(" ")}`.includes(search) &&
        (department === undefined || department.parent_id === null || place?.path.includes(department.name)),
    );
    return route.fulfill({ json: { items, next: null, ...(search === "" ? { total: items.length } : {}) } });
  });
  await page.route("**/jmap/**", (route) => {
    const url = new URL(route.request().url());
    const [, , kind = "", , id = ""] = url.pathname.split("/");
    if (kind === "session") return route.fulfill({ json: fakeSession });
    // A stream that says nothing and is not opened again.
    if (kind === "eventsource") {
      return route.fulfill({ contentType: "text/event-stream", body: "retry: 3600000\n\n" });
    }
    if (kind === "html") {
      const email = mail.emails.get(id);
      const html = email?.bodyValues["2"]?.value ?? "";
      const shown = url.searchParams.get("remote") === "1" ? html.replaceAll("data-remote-src", "data-src") : html;
      return route.fulfill({
        contentType: "text/html; charset=utf-8",
        headers: { "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:" },
        body: documentOf(shown),
      });
    }
    if (kind === "upload") {
      const bytes = route.request().postDataBuffer() ?? Buffer.alloc(0);
      const type = route.request().headers()["content-type"] ?? "application/octet-stream";
      return route.fulfill({ json: { accountId: "acc_1", blobId: `u${mail.blobs.size}`, type, size: bytes.length } });
    }
    if (kind === "download") {
      if ((url.searchParams.get("accept") ?? "").startsWith("image/")) {
        return route.fulfill({ contentType: "image/png", body: pixel });
      }
      return route.fulfill({
        contentType: "text/plain; charset=utf-8",
        body: mail.blobs.get(id) ?? "From: 王芳\n\n正文",
      });
    }
    return route.fulfill({ status: 404 });
  });
  await page.route("**/jmap", (route) => {
    const body = route.request().postDataJSON() as { methodCalls: Invocation[] };
    return route.fulfill({ json: mail.answer(body) });
  });
}

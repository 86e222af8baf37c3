// The console in a real browser: a news item is written, reviewed, published on two sites and taken back, and every screen on
// the way is accessible and fits a phone.

import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertFits, open, tabTo, visit } from "./browser.mjs";
import { answer, until } from "./demo.mjs";
import { answerTo, write } from "./people.mjs";
import { stage } from "./stage.mjs";

const TITLE = "望溪区夜间图书馆试运行 学府路馆开放至零点";
const CORRECTED = "望溪区夜间图书馆试运行 学府路馆延长开放至零点";
const PARAGRAPHS = [
  "望溪区图书馆学府路馆11月20日起试行夜间开放，闭馆时间由20时延长至零点，首周接待夜间读者3216人次。",
  "夜间开放区域设阅览座位180个，配备值班馆员4名。试运行期间不收取任何费用，读者持身份证或读者证即可入馆。",
];
const REVIEWERS = ["wangxi-review1", "wangxi-review2", "wangxi-review3"];

const { demo, browser, people } = await stage();

describe("the way of a news item", { concurrency: false }, () => {
  const story = {};

  test("the editor writes it, sees it beside the form and keeps a draft", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.inspect("desk", "/wangxi");
    await editor.inspect("new", "/wangxi/resources/new");
    story.path = await writeDraft(editor);
    await editor.inspect("draft", story.path);
  });

  test("the editor corrects it and compares the two versions", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await correct(editor, story.path);
    await editor.inspect("edit", `${story.path}/edit`);
    await editor.inspect("revisions", `${story.path}/revisions`);
    await editor.inspect("compare", `${story.path}/revisions/compare?from=1&to=2`);
    const changed = await editor.page.locator("main").innerText();
    assert.match(changed, /延长/);
  });

  test("the editor hands it in and cannot review it", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.go(story.path);
    await editor.press("button", "送审");
    await editor.sees(/已送审/);
    assert.equal(await editor.page.locator('button[name="verdict"]').count(), 0);
    await editor.inspect("submitted", story.path);
  });

  test("three people approve it, one after the other", async () => {
    for (const username of REVIEWERS) {
      const reviewer = await people.signedIn(username);
      assert.equal(await publicPage("wangxi", "/yaowen/", CORRECTED), null, "it is public before it is approved");
      await reviewer.inspect(`desk-${username}`, "/wangxi");
      await reviewer.go("/wangxi");
      await reviewer.page.getByRole("link", { name: CORRECTED }).click();
      await reviewer.page.locator("#decide").waitFor();
      if (username === REVIEWERS[0]) await reviewer.inspect("review", story.path);
      await reviewer.go(story.path);
      await reviewer.page.locator('textarea[name="reason"]').first().fill("内容属实，同意。");
      const approve = () => reviewer.page.locator('button[name="verdict"][value="approve"]').click();
      if (username === REVIEWERS.at(-1)) story.running = await answerTo(reviewer.page, /\/receipts\/\d+$/, approve);
      else await approve();
      await reviewer.page.waitForLoadState();
      reviewer.isQuiet();
    }
  });

  test("the receipt says that it is live", async () => {
    const reviewer = await people.signedIn(REVIEWERS.at(-1));
    story.receipt = reviewer.path();
    assert.match(story.receipt, /^\/wangxi\/receipts\/\d+$/, "the last approval did not lead to a receipt");
    await assertVerdict(reviewer.page, "已上线");
    assert.match(story.running.body, /data-receipt=/, "the receipt was closed before it could be shown");
    await reviewer.inspect("receipt-running", story.receipt, { still: story.running });
    await reviewer.inspect("receipt", story.receipt);
  });

  test("the public finds it on the district's site and on the city's", async () => {
    for (const [site, list] of [["wangxi", "/yaowen/"], ["jinchuan", "/quxian/"]]) {
      story[site] = await publicPage(site, list, CORRECTED);
      assert.ok(story[site], `${site} does not list it in ${list}`);
      assert.ok(await publicPage(site, "/", CORRECTED), `${site} does not show it at home`);
      await assertReadable(story[site]);
    }
  });

  test("the administrator takes it back, and it is gone from both", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("live", story.path, { prepare: (page) => page.getByText("撤回已发布内容").click() });
    await withdraw(admin, story.path);
    for (const [site, list] of [["wangxi", "/yaowen/"], ["jinchuan", "/quxian/"]]) {
      await assertBecomes(story[site], 410);
      assert.equal(await publicPage(site, list, CORRECTED), null, `${site} still lists it`);
      assert.equal(await publicPage(site, "/", CORRECTED), null, `${site} still shows it at home`);
    }
    await admin.inspect("withdrawal", admin.path());
  });
});

describe("who may come in", () => {
  test("the sign-in screen is accessible", async () => {
    const visitor = await people.stranger();
    await visitor.inspect("sign-in", "/sign-in");
  });

  test("a wrong password is told kindly, and the name is kept", async () => {
    const visitor = await people.stranger();
    const attempt = async (page) => {
      await page.locator('input[name="username"]').fill("wangxi-editor");
      await page.locator('input[name="password"]').fill("not-the-password");
      await page.getByRole("button", { name: "登录" }).click();
      await page.getByRole("alert").filter({ hasText: "账号或密码不正确" }).waitFor();
    };
    await visitor.go("/sign-in");
    await attempt(visitor.page);
    assert.equal(await visitor.page.locator('input[name="username"]').inputValue(), "wangxi-editor");
    assert.equal(await visitor.page.locator('input[name="password"]').inputValue(), "");
    visitor.isQuiet();
    await visitor.inspect("sign-in-refused", "/sign-in", { prepare: attempt, widths: [360] });
  });

  test("who is not signed in is led back to where they wanted to go", async () => {
    const visitor = await people.stranger();
    await visit(visitor.page, `${demo.console}/wangxi/resources/new`);
    assert.equal(new URL(visitor.page.url()).pathname, "/console/sign-in");
    await people.enter(visitor.page, "wangxi-editor");
    assert.equal(new URL(visitor.page.url()).pathname, "/console/wangxi/resources/new");
  });

  test("another site's desk and resources do not exist for an editor", async () => {
    const editor = await people.signedIn("qingyu-editor");
    for (const path of ["/wangxi", "/wangxi/resources/new", "/wangxi/resources/1", "/wangxi/audit"]) await editor.go(path, 404);
    await editor.go("/qingyu");
    await editor.inspect("missing", "/wangxi", { status: 404 });
    await editor.inspect("forbidden", "/operations", { status: 403 });
  });

  test("signing out ends it", async () => {
    const visitor = await people.stranger();
    await visitor.go("/sign-in");
    await people.enter(visitor.page, "donglan-editor");
    await visitor.press("button", "退出");
    await visitor.sees(/已安全退出/);
    await visit(visitor.page, `${demo.console}/donglan`);
    assert.equal(new URL(visitor.page.url()).pathname, "/console/sign-in");
  });
});

describe("screens", () => {
  test("those of a site with nothing to tell say so", async () => {
    const admin = await people.signedIn("admin");
    for (const [name, path, words] of [
      ["redirects", "/qingyu/redirects", "本站没有设置跳转"],
      ["views", "/qingyu/views", "还没有浏览记录"],
      ["schedules", "/qingyu/schedules", "没有等待执行的安排"],
      ["notices", "/qingyu/notices", "没有正在进行的公告"],
      ["alarms", "/operations/alarms", "没有告警"],
    ]) {
      await admin.inspect(`${name}-none`, path, { prepare: (page) => page.getByText(words).waitFor() });
    }
    // What is looked at further down takes some seconds to be noticed.
    await read(demo.site("wangxi"), "/yaowen/");
    appendFileSync(join(demo.pages, "donglan/yaowen/index.html"), "<p>不是平台写的</p>");
  });

  test("an old address is led on, by keyboard, and what cannot be is told at the field", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.inspect("redirects-refused", "/wangxi/redirects", {
      prepare: async (one) => {
        await one.getByLabel("原地址,新地址").fill("/old/1.html,/yaowen/\n/old/2.html");
        await one.getByRole("button", { name: "导入" }).click();
        await one.getByRole("alert").waitFor();
      },
    });
    await editor.go("/wangxi/redirects");
    await tabTo(page, page.locator("#old"));
    await page.keyboard.type("/art/2019/3/5/art_12.html");
    await tabTo(page, page.locator("#new"));
    await page.keyboard.type("/yaowen/");
    await page.keyboard.press("Enter");
    await editor.sees(/跳转已保存/);
    assert.equal(await answer(`${demo.site("wangxi")}/art/2019/3/5/art_12.html`), 301);
    await editor.inspect("redirects", "/wangxi/redirects");
    await editor.inspect("redirects-not-found", "/wangxi/redirects?q=asp", { widths: [360] });
    await page.getByRole("row").filter({ hasText: "art_12.html" }).getByRole("button", { name: /^删除/ }).click();
    await editor.sees(/跳转已删除/);
    editor.isQuiet();
  });

  test("a form with mistakes keeps what was typed and leads to each field", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const attempt = async (page) => {
      await write(page, [PARAGRAPHS[0]]);
      await page.locator('button[name="intent"][value="submit"]').click();
      await page.locator("#problems").waitFor();
    };
    await editor.go("/wangxi/resources/new");
    await attempt(editor.page);
    assert.equal((await editor.page.locator('textarea[name="body"]').inputValue()).trim(), `<p>${PARAGRAPHS[0]}</p>`);
    await editor.page.locator('#problems a[href="#title"]').first().click();
    assert.equal(await editor.page.evaluate(() => document.activeElement?.id), "title");
    assert.equal(await editor.page.locator("#title").getAttribute("aria-invalid"), "true");
    editor.isQuiet();
    await editor.inspect("new-with-mistakes", "/wangxi/resources/new", { prepare: attempt });
  });

  test("the administrator's", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("sites", "");
    await admin.inspect("operations", "/operations");
    await admin.inspect("desk-admin", "/jinchuan");
  });

  test("a screen that looks again by itself says when it cannot, and when it can again no more", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    const lost = page.getByRole("alert").filter({ hasText: "暂时无法连接服务器" });
    await admin.go("/operations");
    await page.route("**/console/operations", (route) => route.fulfill({ status: 503, body: "" }));
    await lost.waitFor();
    assert.ok(await page.getByRole("heading", { name: "任务队列" }).isVisible(), "what was known stays");
    await assertFits(page, "operations while nothing answers");
    await page.unroute("**/console/operations");
    await lost.waitFor({ state: "detached" });
    assert.match(admin.complaints.splice(0).join("\n"), /503/);
  });

  test("the auditor's", async () => {
    const auditor = await people.signedIn("auditor");
    await auditor.inspect("audit", "/audit");
    await auditor.inspect("audit-found", "/audit?kind=texts&site=wangxi&from=2026-01-01");
    await auditor.inspect("audit-mistaken", "/audit?from=2026-03-05&until=2026-03-01", { status: 422 });
    await auditor.inspect("audit-site", "/wangxi/audit");
    await auditor.inspect("audit-verified", "/audit", {
      prepare: async (page) => {
        await page.getByRole("button", { name: "核验日志完整性" }).click();
        await page.getByText("核验通过").waitFor();
      },
    });
  });

  test("what was read and what was tampered with is told", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    const shows = (path, words) => until(async () => {
      await admin.go(path);
      return (await page.getByText(words).count()) > 0;
    });
    await shows("/wangxi/views", "每日浏览量");
    await admin.inspect("views", "/wangxi/views");
    await shows("/operations/alarms", "/yaowen/");
    await admin.inspect("alarms", "/operations/alarms");
    await tabTo(page, page.getByRole("button", { name: "全部确认" }));
    await page.keyboard.press("Enter");
    await admin.sees(/已确认全部告警/);
    admin.isQuiet();
  });

  test("on a phone the menu shows where one is, however far along", async () => {
    const admin = await people.signedIn("admin");
    await admin.page.setViewportSize({ width: 360, height: 900 });
    await admin.go("/wangxi/views");
    const { x, width } = await admin.page.locator(".bar-menu [aria-current]").boundingBox();
    assert.ok(x >= 0 && x + width <= 360, `it is at ${x} px`);
    await admin.page.setViewportSize({ width: 1280, height: 900 });
  });

  test("the first Tab leads past the menu", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.go("/wangxi");
    await editor.page.keyboard.press("Tab");
    assert.match(await editor.page.locator(":focus").innerText(), /跳到/);
    await editor.page.keyboard.press("Enter");
    await editor.page.waitForFunction(() => document.activeElement?.matches("main"));
  });
});

// ---- What people do ----

async function writeDraft(editor) {
  const { page } = editor;
  await editor.go("/wangxi");
  await editor.press("link", "新建稿件");
  const channel = page.locator('select[name="channel"]');
  const wanted = await channel.locator("option", { hasText: "要闻动态" }).getAttribute("value");
  await channel.selectOption(wanted);
  await page.locator('input[name="title"]').fill(TITLE);
  await page.locator('textarea[name="summary"]').fill("学府路馆闭馆时间延长至零点，设夜间阅览座位180个。");
  await page.locator('input[name="source"]').fill("望溪区图书馆");
  await write(page, PARAGRAPHS);
  await page.locator("#preview p", { hasText: PARAGRAPHS[1] }).waitFor();
  await page.locator('button[name="intent"][value="save"]').click();
  await editor.sees(/草稿已保存/);
  editor.isQuiet();
  return editor.path();
}

async function correct(editor, path) {
  const { page } = editor;
  await editor.go(path);
  await editor.press("link", "编辑");
  await page.locator('input[name="title"]').fill(CORRECTED);
  await page.locator('button[name="intent"][value="save"]').click();
  await editor.sees(/草稿已保存/);
  await page.getByRole("heading", { level: 1, name: CORRECTED }).waitFor();
  editor.isQuiet();
}

async function withdraw(admin, path) {
  const { page } = admin;
  await admin.go(path);
  await page.getByText("撤回已发布内容").click();
  await page.locator("#withdraw-reason").fill("开放时间有误，核实后重新发布。");
  await page.getByRole("button", { name: "确认撤回" }).click();
  await assertVerdict(page, "已撤下");
  admin.isQuiet();
}

/** The receipt looks again by itself until everything is read back; it must not need to be loaded again. */
async function assertVerdict(page, word) {
  await page.locator(".verdict-word", { hasText: word }).waitFor({ timeout: 30_000 });
  const text = await page.locator("main").innerText();
  assert.doesNotMatch(text, /不一致/);
}

/** Reads the first article of a list as a person does: what says that it is no person is not counted. */
async function read(site, list) {
  const reader = await open(browser, { userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36" });
  await visit(reader.page, site + list);
  await reader.page.getByRole("main").locator('a[href$=".html"]').first().click();
  await reader.page.waitForLoadState();
  await reader.close();
}

/** The address under which a site's page links to a title, or null. */
async function publicPage(site, path, title) {
  const visitor = await people.stranger();
  await visit(visitor.page, demo.site(site) + path);
  const link = visitor.page.getByRole("main").getByRole("link", { name: title }).first();
  const found = (await link.count()) ? await link.evaluate((one) => one.href) : null;
  visitor.isQuiet();
  return found;
}

async function assertReadable(url) {
  const visitor = await people.stranger();
  await visit(visitor.page, url);
  assert.equal(await visitor.page.getByRole("heading", { level: 1 }).innerText(), CORRECTED);
  const text = await visitor.page.getByRole("main").innerText();
  for (const paragraph of PARAGRAPHS) assert.ok(text.includes(paragraph), `${url} lacks a paragraph`);
  visitor.isQuiet();
}

async function assertBecomes(url, status) {
  let last;
  for (const began = Date.now(); Date.now() - began < 15_000; await sleep(100)) {
    last = await answer(url);
    if (last === status) return;
  }
  assert.equal(last, status, url);
}

// What sites show of each other, in a real browser: a notice is pushed to three sites, one accepts it, one declines it, one
// reviews it; its placement gets a prefix and is pinned; then the city takes it down everywhere.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WIDTHS, assertAccessible, assertFits, assertQuiet, open, shoot, tabTo, visit } from "./browser.mjs";
import { answer, until } from "./demo.mjs";
import { answerTo } from "./people.mjs";
import { stage } from "./stage.mjs";

const TITLE = "关于北关河、石埠河清淤施工期间水域管控的通告";
const PREFIX = "【望溪】";
const NOTE = "施工涉及三区水上交通，请各站点转载。";
const OPEN = "专题专栏";

const { demo, browser, people } = await stage();

describe("the way of a pushed notice", { concurrency: false }, () => {
  const story = {};

  test("before anything is pushed, every tray says that it is empty", async () => {
    const reviewer = await people.signedIn("jinchuan-review1");
    await reviewer.inspect("offers-none", "/jinchuan/offers");
    for (const [path, words] of [["decided", "没有已处理的推送"], ["sent", "没有推送给其他站点的内容"]]) {
      await reviewer.go(`/jinchuan/offers/${path}`);
      await reviewer.page.getByText(words).waitFor();
    }
    assert.equal(await reviewer.page.locator(".bar-count").count(), 0, "the menu counts what is not there");
  });

  test("a district's editor pushes it to three sites, by keyboard", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi");
    await editor.press("link", TITLE);
    story.resource = editor.path();
    await editor.press("link", "推送");
    await editor.inspect("push", `${story.resource}/push`);
    await editor.inspect("push-nothing-chosen", `${story.resource}/push`, {
      prepare: async (one) => {
        await one.locator('button[value="push"]').click();
        await one.getByRole("alert").waitFor();
      },
    });
    await editor.inspect("push-not-found", `${story.resource}/push`, {
      widths: [360],
      prepare: async (one) => {
        await one.locator("#search").fill("火星");
        await one.locator("#search").press("Enter");
        await one.getByText("没有名称包含").waitFor();
      },
    });
    for (const site of ["锦川市人民政府", "锦川市青屿区人民政府", "锦川市东岚区人民政府"]) {
      await tabTo(page, page.getByRole("group", { name: site }).getByLabel(OPEN));
      await page.keyboard.press("Space");
    }
    await tabTo(page, page.locator("#note"));
    await page.keyboard.type(NOTE);
    await tabTo(page, page.locator('button[value="push"]'));
    await page.keyboard.press("Enter");
    await editor.sees(/已推送/);
    editor.isQuiet();
    assert.equal(editor.path(), `${story.resource}/places`);
    await editor.inspect("offers-sent", "/wangxi/offers/sent");
  });

  test("the city's reviewer is told how many wait, reads it and accepts it", async () => {
    const reviewer = await people.signedIn("jinchuan-review1");
    const { page } = reviewer;
    await reviewer.go("/jinchuan");
    const entry = page.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: /^推送与订阅/ });
    await entry.getByText("条待处理").waitFor({ state: "attached" });
    assert.match(await entry.innerText(), /推送与订阅\s*1/);
    await reviewer.inspect("offers-waiting", "/jinchuan/offers");
    await entry.click();
    await reviewer.press("link", TITLE);
    story.offer = reviewer.path();
    await page.getByText(NOTE).waitFor();
    await reviewer.inspect("offer", story.offer);
    await tabTo(page, page.getByRole("button", { name: "接收", exact: true }));
    await page.keyboard.press("Enter");
    await reviewer.sees(/已接收/);
    reviewer.isQuiet();
    await reviewer.inspect("offers-decided", "/jinchuan/offers/decided");
    await reviewer.inspect("shared", "/jinchuan/shared");
  });

  test("another site declines it and must say why", async () => {
    const reviewer = await people.signedIn("donglan-review1");
    const { page } = reviewer;
    const offer = await onlyOffer(reviewer, "donglan");
    const attempt = async (one) => {
      await one.getByRole("button", { name: "退回推送" }).click();
      await one.getByRole("alert").waitFor();
    };
    await reviewer.inspect("offer-without-a-reason", offer, { prepare: attempt });
    await reviewer.go(offer);
    await attempt(page);
    await page.getByRole("alert").getByRole("link").click();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "decline-reason");
    await page.keyboard.type("与本区无关。");
    await page.getByRole("button", { name: "退回推送" }).click();
    await reviewer.sees(/已退回/);
    reviewer.isQuiet();
  });

  test("a third takes it into its own review", async () => {
    const editor = await people.signedIn("qingyu-editor");
    const offer = await onlyOffer(editor, "qingyu");
    await editor.press("button", "转入本站审核");
    await editor.sees(/已转入本站审核/);
    const reviewer = await people.signedIn("qingyu-review1");
    await reviewer.inspect("offer-in-review", offer);
    await reviewer.go(offer);
    await reviewer.page.getByRole("button", { name: "通过", exact: true }).click();
    await reviewer.sees(/已审核通过/);
    reviewer.isQuiet();
  });

  test("展示位置 tells its owner what became of it", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.inspect("places", `${story.resource}/places`);
    await editor.go(`${story.resource}/places`);
    const { page } = editor;
    const row = page.getByRole("table", { name: "展示位置" }).getByRole("row").filter({ hasText: OPEN });
    assert.match(await row.innerText(), /锦川市/);
    story.city = await row.getByRole("link").first().evaluate((link) => link.href);
    const record = await page.getByRole("table", { name: "推送记录" }).innerText();
    for (const words of ["已接收", "已退回", "与本区无关。", "审核中"]) assert.ok(record.includes(words), `${words} is not in\n${record}`);
  });

  test("what the third says at a place in the text comes back to its owner when it declines", async () => {
    const reviewer = await people.signedIn("qingyu-review2");
    const offer = await onlyOffer(reviewer, "qingyu");
    const { page } = reviewer;
    await tabTo(page, page.getByRole("group", { name: "可批注的正文" }), 120);
    await page.keyboard.press("ArrowRight");
    await tabTo(page, page.getByRole("button", { name: "批注", exact: true }));
    await page.keyboard.press("Enter");
    await page.keyboard.insertText("请核对路段名称");
    await page.getByRole("dialog").getByRole("button", { name: "保存批注" }).click();
    await page.locator(".prose mark").first().waitFor();
    assert.match(await page.locator("#review-hint").innerText(), /附有 1 条批注/);
    await reviewer.inspect("offer-annotated", offer);
    await page.getByRole("button", { name: "不通过，退回推送" }).click();
    await reviewer.sees(/已退回/);
    reviewer.isQuiet();

    const editor = await people.signedIn("wangxi-editor");
    await editor.inspect("places-annotated", `${story.resource}/places`, {
      prepare: async (one) => {
        await one.getByText("附批注 1 条").click();
        await one.getByText("请核对路段名称").waitFor();
      },
    });
  });

  test("its placement gets a prefix, and what is wrong is told at the field", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/jinchuan/shared");
    await page.getByRole("row").filter({ hasText: TITLE }).getByRole("link", { name: /^投放设置/ }).click();
    story.placement = admin.path();
    const attempt = async (one) => {
      await one.getByLabel("网址名").fill("不合规 的/名字");
      await one.locator("section", { has: one.locator("#address") }).getByRole("button", { name: "保存" }).click();
      await one.getByRole("alert").waitFor();
    };
    await admin.inspect("placement", story.placement, { prepare: (one) => one.getByText("从本站撤下", { exact: true }).click() });
    await admin.inspect("placement-with-mistakes", story.placement, { prepare: attempt });
    await admin.go(story.placement);
    await tabTo(page, page.getByLabel("标题前缀"));
    await page.keyboard.type(PREFIX);
    await page.keyboard.press("Enter");
    await admin.sees(/投放设置已保存/);
    admin.isQuiet();
  });

  test("and is pinned by a reviewer, who may not change its address", async () => {
    const reviewer = await people.signedIn("jinchuan-review1");
    const { page } = reviewer;
    await reviewer.go(story.placement);
    await page.getByText("您没有更改网址与标题的权限").waitFor();
    await page.getByLabel("置顶至").fill("2099-01-01T08:00:00");
    await page.getByRole("button", { name: "置顶", exact: true }).click();
    await reviewer.sees(/已更新置顶安排/);
    await reviewer.inspect("placement-pinned", story.placement);
    reviewer.isQuiet();
  });

  test("whoever reviews one channel alone finds what was offered to it and what it shows", async () => {
    const name = "jinchuan-review3";
    const held = ["--role", "reviewer", "--site", "jinchuan"];
    await demo.command("user", "revoke", name, ...held);
    await demo.command("user", "grant", name, ...held, "--channel", "zt");
    const reviewer = await people.signedIn(name);
    const { page } = reviewer;
    await reviewer.go("/jinchuan/offers");
    await page.getByText("没有等待处理的推送").waitFor();
    await page.getByRole("link", { name: "已处理", exact: true }).click();
    await page.getByRole("link", { name: TITLE }).waitFor();
    await reviewer.inspect("subscriptions-of-a-channel", "/jinchuan/subscriptions");
    await reviewer.inspect("shared-of-a-channel", "/jinchuan/shared");
    await reviewer.inspect("placements-of-a-channel", "/jinchuan/placements");
    await reviewer.inspect("places-of-a-channel", `/jinchuan/resources/${story.resource.split("/").at(-1)}/places`);
    await reviewer.go("/jinchuan/placements");
    const channels = await page.getByRole("table", { name: "在线内容" }).locator('td[data-label="栏目"]').allInnerTexts();
    assert.ok(channels.length > 0 && channels.every((channel) => channel.startsWith(OPEN)), channels.join("\n"));
    await reviewer.press("link", PREFIX + TITLE);
    await page.getByRole("button", { name: "更新置顶时间" }).waitFor();
    reviewer.isQuiet();
  });

  test("the city's visitors find it first, with its prefix", async () => {
    const first = async () => {
      const visitor = await people.stranger();
      await visit(visitor.page, `${demo.site("jinchuan")}/zt/`);
      visitor.isQuiet();
      return visitor.page.getByRole("main").locator('a[href$=".html"]').first().innerText();
    };
    await until(async () => (await first()).includes(PREFIX + TITLE));
    for (const width of WIDTHS) {
      const auditor = await open(browser, { width, bypassCSP: true });
      await visit(auditor.page, story.city);
      assert.match(await auditor.page.getByRole("heading", { level: 1 }).innerText(), new RegExp(PREFIX));
      assert.equal(new URL(await auditor.page.locator('link[rel="canonical"]').getAttribute("href")).hostname, "wangxi.localhost");
      await assertFits(auditor.page, story.city);
      await assertAccessible(auditor.page, `${story.city} at ${width} px`);
      await shoot(auditor.page, `shared-article-${width}`);
      await auditor.close();
    }
  });

  test("the city takes it down, and only says so when every page is gone", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.inspect("takedown", "/takedown");
    await admin.inspect("takedown-nothing-found", `/takedown?q=${encodeURIComponent("从未发布过的标题")}`, { widths: [360] });
    await admin.go("/takedown");
    await tabTo(page, page.getByLabel("标题、索引号或公开网址"));
    await page.keyboard.type(story.city);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: TITLE }).waitFor();
    await admin.inspect("takedown-found", `/takedown?q=${encodeURIComponent("清淤施工")}`);
    await page.getByRole("link", { name: TITLE }).click();
    await page.waitForURL(/\/takedown\/\d+$/);
    const confirm = admin.path();
    const order = page.getByRole("button", { name: "立即从全部站点下架" });
    await admin.inspect("takedown-confirm", confirm);
    await admin.inspect("takedown-without-a-reason", confirm, {
      prepare: async (one) => {
        await one.getByRole("button", { name: "立即从全部站点下架" }).click();
        await one.getByRole("alert").waitFor();
      },
    });
    await page.getByLabel("下架理由").fill("通告所附坐标有误。");
    await tabTo(page, order);
    const running = await answerTo(page, /\/takedown\/receipts\/\d+$/, () => page.keyboard.press("Enter"));
    assert.match(running.body, /正在下架/);
    // Nothing but waiting: the screen goes on by itself.
    await page.locator(".verdict-word", { hasText: "已全部下架" }).waitFor({ timeout: 30_000 });
    for (const place of [story.city, `${demo.site("wangxi")}/`, `${demo.site("jinchuan")}/zt/`]) {
      const visitor = await people.stranger();
      assert.equal(await answer(place), place === story.city ? 410 : 200, place);
      await visit(visitor.page, place, place === story.city ? 410 : 200);
      assert.equal(await visitor.page.getByText(TITLE).count(), 0, `${place} still shows it`);
      assertQuiet(visitor.complaints, place);
    }
    admin.isQuiet();
    await admin.inspect("takedown-running", admin.path(), { still: running });
    await admin.inspect("takedown-done", admin.path());
    await admin.inspect("takedown-past", "/takedown", { widths: [360] });
  });
});

/** The one offer that waits on a site, opened. */
async function onlyOffer(person, site) {
  await person.go(`/${site}/offers`);
  await person.press("link", TITLE);
  await person.page.waitForURL(/\/offers\/\d+$/);
  return person.path();
}


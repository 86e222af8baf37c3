// The long ways, all of them through the screens: a text from the first pasted line through a lost network, a review that sends it
// back and a scheduled publication to its readers; two hundred taken down at once.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { assertQuiet, open, shoot, visit } from "./browser.mjs";
import { drawn, foreign, paste, withPicture } from "./clipboard.mjs";
import { answer, until } from "./demo.mjs";
import { answerTo, write } from "./people.mjs";
import { stage } from "./stage.mjs";

const REVIEWERS = ["wangxi-review1", "wangxi-review2", "wangxi-review3"];

const { demo, browser, people } = await stage();

describe("a text, from Word to its readers", { concurrency: false }, () => {
  const TITLE = "望溪区老旧小区管网改造进展";
  const ONLINE = "今年计划改造的12个小区已全部开工。";
  const OFFLINE = "其中7个小区已通水，其余5个小区年底前完工。";
  const REASON = "请补充咨询电话。";
  const MENDED = "咨询电话：0990-5550000。";
  const story = {};

  test("it is begun with a picture and a table from Word, and kept without being saved", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    await choose(page, "要闻动态");
    await page.locator("#title").fill(TITLE);
    await page.locator("#summary").fill("12个小区全部开工，7个已通水。");
    await page.locator("#source").fill("望溪区住房和城乡建设局");
    await write(page, [ONLINE, ""]);
    await paste(page, withPicture("word-pictures", await drawn(page)));
    await until(async () => /<img src="media:\d+" alt="检修现场"/.test(await text(page)));
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Enter");
    await paste(page, { "text/html": foreign("word-nested-table") });
    await until(async () => /<table>.*管网改造/s.test(await text(page)));
    await kept(page);
    editor.isQuiet();
  });

  test("the network goes, writing goes on, the tab is closed, and not a word is lost", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.context.setOffline(true);
    await insert(editor.page, OFFLINE);
    await editor.page.locator("#unsaved", { hasText: "网络已断开，内容保存在本机，恢复后自动上传" }).waitFor();
    const written = await text(editor.page);
    assert.match(written, new RegExp(`<p>${ONLINE}</p>\\s*<p>${OFFLINE}</p>`));

    await editor.page.close();
    await editor.context.setOffline(false);
    editor.complaints.splice(0);
    const page = await editor.renew();
    await editor.go("/wangxi");
    await editor.press("link", TITLE);
    await page.locator("#restored").waitFor();
    assert.equal(await text(page), written);
    assert.equal(await page.locator("#title").inputValue(), TITLE);
    await kept(page);
    await page.getByRole("button", { name: "保存并送审" }).click();
    await editor.sees(/已送审/);
    editor.isQuiet();
    story.path = editor.path();
  });

  test("the first review sends it back with a reason, and it is mended and handed in again", async () => {
    const reviewer = await people.signedIn(REVIEWERS[0]);
    await reviewer.go("/wangxi");
    await reviewer.press("link", TITLE);
    assert.equal(reviewer.path(), story.path);
    await reviewer.page.getByLabel("审核意见").fill(REASON);
    await reviewer.press("button", "退回修改");
    reviewer.isQuiet();

    const editor = await people.signedIn("wangxi-editor");
    await editor.go("/wangxi");
    await editor.press("link", TITLE);
    await editor.page.getByRole("heading", { name: /退回，请修改后重新送审/ }).waitFor();
    await editor.page.getByText(REASON).first().waitFor();
    await editor.press("link", "编辑");
    await insert(editor.page, MENDED);
    await editor.page.getByRole("button", { name: "保存并送审" }).click();
    await editor.sees(/已送审/);
    editor.isQuiet();
  });

  test("three people approve it, the last one for a few seconds later", async () => {
    await people.approve(story.path, REVIEWERS.slice(0, 2));
    const last = await people.signedIn(REVIEWERS[2]);
    await last.go(story.path);
    story.at = Date.now() + 12_000;
    await last.page.getByLabel("定时发布").fill(onTheWall(story.at));
    await last.press("button", "通过并发布");
    await last.page.getByText("待定时发布").first().waitFor();
    last.isQuiet();
    const early = await publicPage();
    assert.ok(early === null || Date.now() >= story.at - 1_000, "it is public before its time");
    await shoot(last.page, "journey-scheduled-1280");
  });

  test("at its time the public reads it, with the picture and the table", async () => {
    let address = null;
    await until(async () => (address = await publicPage()) !== null, 45);
    assert.ok(Date.now() >= story.at - 1_000, "it is public before its time");
    for (const width of [1280, 360]) {
      const visitor = await open(browser, { width });
      await visit(visitor.page, address);
      const article = visitor.page.getByRole("main");
      for (const words of [ONLINE, MENDED, OFFLINE]) await article.getByText(words).waitFor();
      await article.getByRole("cell", { name: "管网改造", exact: true }).waitFor();
      const picture = article.getByRole("img", { name: "检修现场" });
      await picture.scrollIntoViewIfNeeded();
      await visitor.page.waitForFunction((image) => image.complete && image.naturalWidth > 0, await picture.elementHandle());
      await shoot(visitor.page, `journey-article-${width}`);
      assertQuiet(visitor.complaints, address);
      await visitor.close();
    }
  });

  /** Where the public finds it in its list; null while it does not. */
  async function publicPage() {
    const { page } = await people.stranger();
    await visit(page, `${demo.site("wangxi")}/yaowen/`);
    const link = page.getByRole("main").getByRole("link", { name: TITLE }).first();
    return (await link.count()) === 0 ? null : link.evaluate((one) => one.href);
  }
});

describe("two hundred taken down at once", { concurrency: false }, () => {
  const COUNT = 200;
  const story = {};

  test("they are brought by an operator, and the public reads them", async () => {
    const before = new Set(articles());
    const folder = mkdtempSync(join(tmpdir(), "tongyuan-laws-"));
    try {
      mkdirSync(join(folder, "锦川"));
      for (let number = 1; number <= COUNT; number += 1) {
        writeFileSync(join(folder, "锦川", `锦川市示范规定第${number}号.md`), law(number));
      }
      await demo.command("import", "laws", folder, "--site", "jinchuan", "--channel", "fgk", "--publish");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    story.addresses = articles().filter((path) => !before.has(path));
    assert.equal(story.addresses.length, COUNT);
    await assertAll(200);
  });

  test("all that a search finds are withdrawn in the background, while it is watched", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/jinchuan/library");
    await page.locator("#q").fill("锦川市示范规定");
    await admin.press("button", "查找");
    await page.getByLabel(`选择全部符合条件的稿件（共 ${COUNT} 篇）`).check();
    await admin.press("button", "批量撤回");
    await page.getByLabel("撤回理由").fill("规定已废止，统一下线");
    const press = () => page.getByRole("button", { name: `撤回这 ${COUNT} 篇` }).click();
    const first = await answerTo(page, /\/library\/batches\/\d+(\?|$)/, press);
    assert.match(first.body, /正在执行/, "it was over before it could be watched");
    const seen = [];
    const done = page.locator("#batch progress");
    for (let now = 0; now < COUNT; seen.push(now)) now = Number(await done.getAttribute("value"));
    assert.deepEqual(seen, seen.toSorted((one, other) => one - other), "progress never goes back");
    await page.getByText("全部完成").waitFor();
    admin.isQuiet();
    await admin.inspect("journey-withdrawn", admin.path());
  });

  test("every one of them is gone", async () => {
    await until(async () => (await statuses()).every((status) => status === 410), 60);
    const visitor = await people.stranger();
    await visit(visitor.page, `${demo.site("jinchuan")}/zwgk/fgk/`);
    assert.equal(await visitor.page.getByRole("link", { name: "锦川市示范规定" }).count(), 0);
  });

  /** The addresses of the articles in the channel, as the page store holds them. */
  function articles() {
    const files = readdirSync(join(demo.pages, "jinchuan/zwgk/fgk"), { recursive: true });
    return files.filter((name) => /\/t\w+\.html$/.test(`/${name}`)).map((name) => `/zwgk/fgk/${name}`);
  }

  async function statuses() {
    const found = [];
    for (const path of story.addresses) found.push(await answer(`${demo.site("jinchuan")}${path}`));
    return found;
  }

  async function assertAll(wanted) {
    assert.deepEqual([...new Set(await statuses())], [wanted]);
  }

  const law = (number) => `# 锦川市示范规定第${number}号
2020年1月1日 锦川市人民政府令第${number}号公布
<!-- INFO END -->

第一条 为了示范第${number}项规定，制定本规定。

第二条 本规定自2020年2月1日起施行。
`;
});

// ---- What people do ----

async function choose(page, name) {
  const channel = page.locator("#channel");
  await channel.selectOption(await channel.locator("option", { hasText: name }).first().getAttribute("value"));
}

/** Writes a paragraph behind the first one. */
async function insert(page, words) {
  await page.getByRole("textbox", { name: "正文" }).focus();
  for (const key of ["Control+Home", "End"]) await page.keyboard.press(key);
  // The editor hears of where the cursor went once the browser has drawn it.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 20))));
  await page.keyboard.press("Enter");
  await page.keyboard.insertText(words);
}

const text = (page) => page.locator("#body").inputValue();

async function kept(page) {
  await page.locator("#unsaved", { hasText: "已自动保存" }).waitFor();
}

/** A moment as the console's clock tells it, to the second. */
const onTheWall = (moment) => new Date(moment + 8 * 3_600_000).toISOString().slice(0, 19);

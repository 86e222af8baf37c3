// The library in a real browser: what is found, kept as a view, moved, taken back and withdrawn, on a desk and on a phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { write } from "./people.mjs";
import { stage } from "./stage.mjs";

const { people } = await stage();

test("the library of all sites is reached from home, searched, and narrowed to a site", async () => {
  const admin = await people.signedIn("admin");
  await admin.go("");
  await admin.press("link", "信息资源库");
  assert.equal(admin.path(), "/library");
  await admin.inspect("library", "/library");
  await admin.inspect("library-more", "/library?order=oldest&col=site&col=index_number&col=keywords&col=places&col=published&col=updated");
  await admin.inspect("library-nothing", "/library?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84%E8%AF%8D");
  await admin.inspect("library-wrong", "/library?from=2026-03-05&to=2026-03-01", { status: 422 });
  await admin.page.locator("#site").selectOption("wangxi");
  await admin.press("button", "查找");
  assert.equal(admin.path(), "/wangxi/library");
  await admin.inspect("library-site", "/wangxi/library");
  admin.isQuiet();
});

test("a search is kept as a view and found again by its name", async () => {
  const admin = await people.signedIn("admin");
  await admin.go("/wangxi/library?state=live&col=author");
  await admin.page.getByText("常用视图", { exact: true }).click();
  await admin.press("button", "保存");
  await admin.page.getByText("请填写视图名称").first().waitFor();
  await admin.page.getByLabel("将当前条件、排序和显示列存为视图").fill("已发布的稿件");
  await admin.press("button", "保存");
  await admin.sees("已保存为常用视图");
  await admin.inspect("library-view", "/wangxi/library?state=live&col=author", {
    prepare: (page) => page.locator("summary", { hasText: "常用视图" }).click(),
  });
  await admin.go("/wangxi/library");
  await admin.press("link", "已发布的稿件");
  assert.equal(new URL(admin.page.url()).search, "?state=live&col=author");
});

test("several are moved at once, and back again", async () => {
  const admin = await people.signedIn("admin");
  await admin.inspect("batches-none", "/wangxi/library/batches");
  await admin.inspect("batch-none", "/wangxi/library/batch?deed=move", { status: 422 });
  await admin.go("/wangxi/library?state=live&kind=article&channel=" + (await channel(admin, "要闻动态")));
  const boxes = await admin.page.locator('input[name="id"]').all();
  await admin.page.getByLabel("选择本页全部").check();
  for (const box of boxes) assert.equal(await box.isChecked(), true);
  for (const box of boxes.slice(2)) await box.uncheck();
  await admin.press("button", "批量调整栏目");
  await admin.inspect("batch-move", admin.path() + new URL(admin.page.url()).search);
  await admin.page.getByLabel("目标栏目").selectOption({ label: "通知公告（文章）" });
  await admin.press("button", "移动这 2 篇");
  await admin.page.getByText("全部完成").waitFor();
  await admin.inspect("batch-moved", admin.path());
  await admin.press("button", "撤销：移回原栏目");
  await admin.page.getByText("全部完成").waitFor();
  await admin.page.getByText("移回原栏目").first().waitFor();
  await admin.inspect("batches", "/wangxi/library/batches");
  admin.isQuiet();
});

test("what is ticked stays ticked while texts are looked at, until something is done with it", async () => {
  const admin = await people.signedIn("admin");
  const { page } = admin;
  await admin.go("/wangxi/library?state=live");
  const boxes = page.locator('input[name="id"]');
  for (const at of [0, 2]) await boxes.nth(at).check();
  const shown = await boxes.nth(1).inputValue();
  await page.locator(".lines-title a").first().click();
  await page.waitForURL(/resources/);
  await admin.go("/wangxi/library?state=live");
  assert.equal(await boxes.nth(2).isChecked(), true);
  await page.getByText("已选 2 篇").waitFor();
  await boxes.nth(0).uncheck();
  await page.getByText("已选 1 篇").waitFor();
  await boxes.nth(1).check();
  assert.equal(await boxes.nth(1).inputValue(), shown);
  await page.getByRole("button", { name: "批量调整关键词" }).click();
  await page.getByRole("heading", { name: "已选稿件 2" }).waitFor();
  await page.getByLabel("增加的关键词").fill("勾选");
  await page.getByRole("button", { name: "调整这 2 篇" }).click();
  await page.getByText("已完成的稿件").waitFor();
  await admin.inspect("batch-left", admin.path());
  await page.getByRole("link", { name: "送审其中待送审的 2 篇" }).click();
  await admin.inspect("batch-submit", admin.path() + new URL(page.url()).search);
  await page.getByRole("button", { name: "送审这 2 篇" }).click();
  await page.getByText("全部完成").waitFor();
  for (const line of await page.locator("section:has(#done) .lines-title a").evaluateAll((all) => all.map((one) => one.getAttribute("href")))) {
    await admin.go(line.replace("/console", ""));
    await admin.press("button", "收回稿件");
  }
  await admin.go("/wangxi/library?state=live");
  assert.equal(await page.locator('input[name="id"]:checked').count(), 0, "what was done is no longer ticked");
  admin.isQuiet();
});

test("keywords are given to several at once, and what is live waits for its review", async () => {
  const admin = await people.signedIn("admin");
  await choose(admin, "/wangxi/library?state=live&kind=article", 2);
  await admin.press("button", "批量调整关键词");
  await admin.inspect("batch-tag", admin.path() + new URL(admin.page.url()).search, {
    prepare: async (page) => {
      await page.getByRole("button", { name: "调整这 2 篇" }).click();
      await page.getByText("请填写要增加或移除的关键词").first().waitFor();
    },
  });
  await admin.page.getByLabel("增加的关键词").fill("便民服务、便民服务");
  await admin.press("button", "调整这 2 篇");
  await admin.page.getByText("全部完成").waitFor();
  assert.equal(await admin.page.getByText("已存为新版本，需送审后上线").count(), 2);
  await admin.inspect("batch-tagged", admin.path());
  await admin.go("/wangxi/library?keyword=%E4%BE%BF%E6%B0%91%E6%9C%8D%E5%8A%A1&state=live"); // 便民服务
  assert.equal(await admin.page.locator('input[name="id"]').count(), 2);
  admin.isQuiet();
});

test("several are copied to another channel, and the copies go to the bin", async () => {
  const admin = await people.signedIn("admin");
  await choose(admin, "/wangxi/library?state=live&kind=article", 2);
  await admin.press("button", "批量复制");
  await admin.inspect("batch-copy", admin.path() + new URL(admin.page.url()).search);
  await admin.page.getByLabel("目标站点").selectOption("qingyu");
  await admin.press("button", "列出栏目");
  assert.equal(await admin.page.getByLabel("目标站点").inputValue(), "qingyu");
  await admin.page.getByLabel("目标站点").selectOption("wangxi");
  await admin.press("button", "列出栏目");
  await admin.page.getByLabel("目标栏目").selectOption({ label: "通知公告（文章）" });
  await admin.press("button", "复制这 2 篇");
  await admin.page.getByText("全部完成").waitFor();
  await admin.inspect("batch-copied", admin.path());
  const result = admin.path();
  await admin.page.getByRole("link", { name: /^已复制为草稿/ }).first().click();
  await admin.page.getByRole("heading", { level: 1, name: /（副本）$/ }).waitFor();
  await admin.go(result);
  await admin.press("button", "撤销：副本放入回收站");
  await admin.page.getByText("全部完成").waitFor();
  await admin.go("/wangxi/library/bin");
  assert.equal(await admin.page.getByRole("link", { name: /（副本）$/ }).count(), 2);
  admin.isQuiet();
});

test("everything that is found is pushed, and withdrawn with a reason; what cannot be is listed", async () => {
  const admin = await people.signedIn("admin");
  await admin.go("/wangxi/library?kind=article");
  await admin.page.getByLabel("选择全部符合条件的稿件").check();
  await admin.press("button", "批量推送");
  await admin.inspect("batch-push", admin.path() + new URL(admin.page.url()).search);
  await admin.go("/wangxi/library?kind=article");
  await admin.page.getByLabel("选择全部符合条件的稿件").check();
  await admin.press("button", "批量撤回");
  await admin.page.locator('button[value="begin"]').click();
  await admin.page.getByText("请填写撤回理由").first().waitFor();
  await admin.page.getByLabel("撤回理由").fill("网站改版，统一下线");
  await admin.page.locator('button[value="begin"]').click();
  await admin.page.getByText(/已结束|全部完成/).waitFor();
  await admin.inspect("batch-withdrawn", admin.path());
  await admin.go("/wangxi/library?kind=article&state=live");
  await admin.page.getByText("没有符合条件的稿件").waitFor();
  admin.isQuiet();
});

test("a reviewer sends a text of the desk back with a reason, and approves the rest at once", async () => {
  const editor = await people.signedIn("wangxi-editor");
  for (const title of ["冬季供热巡查情况", "社区食堂开放时间"]) await handIn(editor, title);
  await handIn(editor, "图书馆延时服务安排", { urgent: true });
  await editor.inspect("submitted-urgent", editor.path());
  const reviewer = await people.signedIn("wangxi-review1");
  await reviewer.inspect("desk-waiting", "/wangxi");
  await reviewer.go("/wangxi");
  assert.match(await reviewer.page.locator("tbody tr").first().innerText(), /图书馆延时服务安排[^]*加急/);
  await reviewer.page.getByLabel("选择“社区食堂开放时间”").press("Space");
  await reviewer.press("button", "退回所选");
  await reviewer.page.getByText("退回稿件须填写退回意见").first().waitFor();
  assert.equal(await reviewer.page.getByLabel("选择“社区食堂开放时间”").isChecked(), true);
  await reviewer.page.getByLabel("退回意见").fill("请核对开放时间");
  await reviewer.press("button", "退回所选");
  await reviewer.page.getByText("全部完成").waitFor();
  await reviewer.inspect("batch-returned", reviewer.path());
  await reviewer.go("/wangxi");
  await reviewer.page.getByLabel("选择本页全部").check();
  await reviewer.press("button", "通过所选");
  await reviewer.page.getByText("全部完成").waitFor();
  await reviewer.go("/wangxi");
  await reviewer.page.getByText("没有等待您审核的稿件").waitFor();
  await editor.go("/wangxi");
  await editor.page.getByRole("link", { name: "社区食堂开放时间" }).click();
  await editor.page.getByText("请核对开放时间").first().waitFor();
  reviewer.isQuiet();
});

test("a review is handed over and stands first on the other's desk", async () => {
  const editor = await people.signedIn("wangxi-editor");
  for (const title of ["湿地公园观鸟须知", "河长巡河工作动态"]) await handIn(editor, title);
  const reviewer = await people.signedIn("wangxi-review1");
  await reviewer.go("/wangxi");
  await reviewer.page.getByRole("link", { name: "河长巡河工作动态" }).click();
  await reviewer.page.locator("summary", { hasText: "转办" }).click();
  await reviewer.press("button", "转办");
  await reviewer.page.getByText("请选择可以审核本环节的人员").first().waitFor();
  const other = await people.signedIn("wangxi-review2");
  const name = await other.page.locator("header").innerText();
  const options = await reviewer.page.locator("#to option").allInnerTexts();
  await reviewer.page.getByLabel("转给").selectOption({ label: options.find((option) => name.includes(option)) });
  await reviewer.page.getByLabel("附言").fill("下午开会，请代为审核");
  await reviewer.press("button", "转办");
  await reviewer.sees("已转办");
  await reviewer.inspect("handed-over", reviewer.path(), {
    prepare: (page) => page.locator("summary", { hasText: "转办" }).click(),
  });
  await other.go("/wangxi");
  assert.match(await other.page.locator("tbody tr").first().innerText(), /河长巡河工作动态[^]*转给我/);
  await other.inspect("desk-handed", "/wangxi");
  reviewer.isQuiet();
});

test("a draft goes to the bin and comes back, and what is found becomes a table", async () => {
  const admin = await people.signedIn("admin");
  await admin.inspect("bin-empty", "/qingyu/library/bin");
  await admin.go("/wangxi/library?state=unpublished&work=draft");
  const draft = admin.page.locator("td.lines-title a").first();
  const title = await draft.innerText();
  await draft.click();
  await admin.page.getByText("放入回收站", { exact: true }).first().click();
  await admin.press("button", "放入回收站");
  await admin.sees("已放入回收站");
  await admin.inspect("bin", "/wangxi/library/bin");
  await admin.page.getByRole("link", { name: title }).click();
  await admin.inspect("in-bin", admin.path());
  await admin.press("button", "恢复为草稿");
  await admin.sees("已恢复为草稿");
  await admin.go("/wangxi/library");
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.page.getByRole("link", { name: "导出 Excel" }).click()]);
  assert.match(download.suggestedFilename(), /^信息资源库-\d{8}\.xlsx$/);
  admin.isQuiet();
});

test("drafts are put in the bin at once, with what cannot be told before, and come back; the way leads to the list as it was", async () => {
  const editor = await people.signedIn("wangxi-editor");
  const { page } = editor;
  const notices = await channel(editor, "通知公告");
  for (const name of ["第一篇", "第二篇"]) {
    await editor.go(`/wangxi/resources/new?channel=${notices}`);
    assert.equal(await page.locator("#channel").inputValue(), notices, "the channel is chosen already");
    await page.locator("#title").fill(`不再需要的${name}`);
    await write(page, ["不再需要。"]);
    await editor.press("button", "保存草稿");
    await editor.sees("草稿已保存");
  }
  const list = "/wangxi/library?kind=article&col=state&col=work";
  await editor.go(list);
  await page.getByLabel("选择“不再需要的第一篇”").check();
  await page.getByLabel("选择“不再需要的第二篇”").check();
  await page.locator("tr", { hasText: "已撤回" }).first().getByRole("checkbox").check();
  await editor.press("button", "批量放入回收站");
  await page.getByRole("heading", { name: "其中 1 篇不会放入回收站" }).waitFor();
  await editor.inspect("batch-discard", editor.path() + new URL(page.url()).search);
  await editor.press("button", "将这 2 篇放入回收站");
  await page.getByText("全部完成").waitFor();
  await editor.inspect("batch-discarded", editor.path() + new URL(page.url()).search);
  await editor.press("button", "撤销：从回收站恢复");
  await page.getByText("全部完成").waitFor();
  await editor.press("link", "返回信息资源库");
  assert.equal(editor.path() + new URL(page.url()).search, list);
  await page.getByRole("link", { name: "不再需要的第一篇" }).waitFor();
  editor.isQuiet();
});

test("what came back and was not changed since is named before it is handed in again", async () => {
  const editor = await people.signedIn("wangxi-editor");
  const { page } = editor;
  await choose(editor, "/wangxi/library?work=returned", 1);
  await editor.press("button", "批量送审");
  await page.getByRole("heading", { name: "其中 1 篇被退回后尚未修改" }).waitFor();
  await editor.inspect("batch-came-back", editor.path() + new URL(page.url()).search, {
    prepare: async (shown) => {
      await shown.getByRole("button", { name: "开始送审" }).click();
      await shown.getByText("请勾选“一并送审”").first().waitFor();
    },
  });
  await page.getByLabel("一并送审").check();
  editor.isQuiet();
});

/** Writes a text in 要闻动态 and hands it in. */
async function handIn(editor, title, { urgent = false } = {}) {
  const { page } = editor;
  await editor.go("/wangxi/resources/new");
  const wanted = await page.locator('select[name="channel"] option', { hasText: "要闻动态" }).getAttribute("value");
  await page.locator('select[name="channel"]').selectOption(wanted);
  await page.locator('input[name="title"]').fill(title);
  await page.locator('textarea[name="summary"]').fill(`${title}的摘要。`);
  await page.locator('input[name="source"]').fill("望溪区融媒体中心");
  await write(page, [`${title}的正文。`]);
  await page.locator('button[name="intent"][value="save"]').click();
  await editor.sees(/草稿已保存/);
  if (urgent) await page.getByLabel("加急").check();
  await editor.press("button", "送审");
  await editor.sees(/已送审/);
}

/** Ticks the first few of what a search finds. */
async function choose(person, search, count) {
  await person.go(search);
  for (const box of (await person.page.locator('input[name="id"]').all()).slice(0, count)) await box.check();
}

/** The number of a channel as the form names it. */
async function channel(person, name) {
  await person.go("/wangxi/library");
  return person.page.locator("#channel option", { hasText: name }).first().getAttribute("value");
}

// Annotations: a reviewer selects words, with the mouse and by keyboard, and says what is wrong; the writer finds the place in the
// editor, answers and settles it there, and nothing of it is in the text.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { shoot, tabTo } from "./browser.mjs";
import { until } from "./demo.mjs";
import { write } from "./people.mjs";
import { stage } from "./stage.mjs";

const TEXT = ["望溪区老旧小区改造一期工程已经完工。", "二期工程预计六月完工，届时组织验收。"];

const { demo, browser, people } = await stage();
let path;

describe("annotations", { concurrency: false }, () => {
  test("a text is handed in", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    const channel = page.locator('select[name="channel"]');
    await channel.selectOption(await channel.locator("option", { hasText: "要闻动态" }).getAttribute("value"));
    await page.locator("#title").fill("老旧小区改造进展");
    await write(page, TEXT);
    await page.locator('button[name="intent"][value="submit"]').click();
    await editor.sees(/已送审/);
    path = editor.path();
  });

  test("words selected with the mouse are annotated where they stand, and what was typed elsewhere stays", async () => {
    const reviewer = await people.signedIn("wangxi-review1");
    const { page } = reviewer;
    await reviewer.go(path);
    await page.locator("#review-reason").fill("写了一半的意见");
    await drag(page, "工程", 1);
    const opener = page.getByRole("button", { name: "批注", exact: true });
    await opener.click();
    const dialog = page.getByRole("dialog", { name: "批注" });
    assert.equal(await dialog.getByLabel("引用原文").inputValue(), "工程");
    await shoot(page, "console-annotate-1280");
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "保存批注" }).click();
    await dialog.getByText("请填写内容").waitFor();
    await dialog.getByLabel("批注内容").fill("“工程”请写全称");
    await dialog.getByRole("button", { name: "保存批注" }).click();
    await page.locator(".prose mark").waitFor();
    assert.equal(await page.locator(".prose mark").innerText(), "工程");
    assert.match(await page.locator(".prose p").last().innerText(), /^二期/);
    assert.equal(await page.locator(".prose p").last().locator("mark").count(), 1, "the second of them, as it was selected");
    assert.equal(await page.locator("#review-reason").inputValue(), "写了一半的意见");
    assert.match(await page.locator("#review-hint").innerText(), /附有 1 条批注/);
    // The page answered 422 once, which is no fault.
    reviewer.complaints.splice(0).forEach((complaint) => assert.match(complaint, /answer: 422/));
  });

  test("words are selected and annotated by keyboard alone", async () => {
    const reviewer = await people.signedIn("wangxi-review1");
    const { page } = reviewer;
    await reviewer.go(path);
    const text = page.getByRole("group", { name: "可批注的正文" });
    await tabTo(page, text, 120);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    const quote = await page.evaluate(() => window.getSelection().toString());
    assert.ok(quote.length >= 2 && TEXT[0].includes(quote), quote);
    await tabTo(page, page.getByRole("button", { name: "批注", exact: true }));
    await page.keyboard.press("Enter");
    await page.keyboard.insertText("请核对名称");
    await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "保存批注" }));
    await page.keyboard.press("Enter");
    await until(async () => (await page.locator(".prose mark").count()) === 2);
    assert.equal(await page.locator(".prose mark").first().innerText(), quote);
    reviewer.isQuiet();
    await reviewer.inspect("annotated", path, { prepare: (one) => one.getByText("添加批注", { exact: true }).click() });
    await reviewer.inspect("annotate-dialog", path, {
      prepare: async (one) => {
        await one.locator(".prose p").first().click({ clickCount: 3 });
        await one.getByRole("button", { name: "批注", exact: true }).click();
      },
    });
    await reviewer.go(path);
    await page.getByRole("button", { name: "退回修改" }).click();
    await reviewer.sees(/已退回/);
  });

  test("the writer is led to the place, answers and settles it without leaving the form", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.inspect("desk-annotated", "/wangxi");
    await editor.inspect("resource-returned", path);
    await editor.inspect("edit-annotated", `${path}/edit`);
    await editor.go(`${path}/edit`);
    const panel = page.locator("#annotation-panel");
    const version = await page.locator('input[name="version"]').inputValue();
    await until(async () => (await page.locator(".ProseMirror .annotated").count()) === 2);
    await panel.getByRole("link", { name: "工程", exact: true }).click();
    assert.equal(await page.evaluate(() => window.getSelection().toString()), "工程");
    assert.match(await page.evaluate(() => window.getSelection().anchorNode.parentElement.closest("p").textContent), /^二期/);

    // The mark goes with its words, and is nowhere in the text that is sent.
    await page.keyboard.insertText("建设工程");
    assert.doesNotMatch(await page.locator("#body").inputValue(), /annotated|mark/);
    assert.match(await page.locator("#body").inputValue(), /二期建设工程/);
    await panel.getByRole("button", { name: "答复" }).first().click();
    await page.getByRole("dialog").getByLabel("答复内容").fill("已改为建设工程");
    await page.getByRole("button", { name: "保存答复" }).click();
    await panel.getByText("已改为建设工程").waitFor();
    await panel.getByRole("button", { name: "标为已处理" }).first().click();
    await panel.getByText("已处理 1 条").waitFor();
    assert.match(await page.locator("#body").inputValue(), /二期建设工程/, "what was typed stays");
    assert.equal(await page.locator('input[name="version"]').inputValue(), version);
    await until(async () => (await page.locator(".ProseMirror .annotated").count()) === 1);

    await panel.getByRole("button", { name: "标为已处理" }).first().click();
    await panel.getByText("批注已全部处理").waitFor();
    await shoot(page, "console-edit-settled-1280");
    await page.locator('button[name="intent"][value="submit"]').click();
    await editor.sees(/已送审/);
    editor.isQuiet();
  });

  test("the next reviewer sees what is done", async () => {
    const reviewer = await people.signedIn("wangxi-review2");
    await reviewer.go(path);
    const beside = reviewer.page.locator("#annotations");
    assert.match(await beside.innerText(), /批注已全部处理/);
    assert.match(await beside.innerText(), /已改为建设工程/);
    assert.equal(await reviewer.page.locator(".prose mark").count(), 0);
    reviewer.isQuiet();
    await reviewer.inspect("annotations-done", path);
  });
});

/** Draws the mouse over the given occurrence (from nought) of words in the text. */
async function drag(page, words, occurrence) {
  await page.locator(".prose").scrollIntoViewIfNeeded();
  const box = await page.locator(".prose").evaluate((prose, [wanted, nth]) => {
    const walker = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
    let left = nth;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (let at = node.data.indexOf(wanted); at >= 0; at = node.data.indexOf(wanted, at + 1)) {
        if (left > 0) {
          left -= 1;
          continue;
        }
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x, y, width, height };
      }
    }
    throw new Error(`${wanted} is not there`);
  }, [words, occurrence]);
  const middle = box.y + box.height / 2;
  await page.mouse.move(box.x + 1, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 1, middle, { steps: 4 });
  await page.mouse.up();
}

// The media library in a real browser: a picture and a document are brought, described, put into a text, reviewed and seen by
// the public; what is no picture is refused.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { WIDTHS, assertAccessible, assertFits, assertQuiet, open, shoot, tabTo, visit } from "./browser.mjs";
import { until } from "./demo.mjs";
import { drawn, file } from "./files.mjs";
import { write } from "./people.mjs";
import { stage } from "./stage.mjs";

const TITLE = "望溪区口袋公园建成开放 新增绿地1.2万平方米";
const BODY = "望溪区今年建成的3处口袋公园11月20日向市民开放，新增绿地1.2万平方米。";
const ALT = "傍晚的口袋公园，步道两侧亮着灯";
const PICTURE = "口袋公园.png";
const DOCUMENT = "口袋公园分布表.pdf";
const REVIEWERS = ["wangxi-review1", "wangxi-review2", "wangxi-review3"];

const { demo, browser, people } = await stage();

describe("the way of a picture and a document", { concurrency: false }, () => {
  const story = {};

  test("an empty library says how to begin", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.inspect("media-empty", "/wangxi/media");
    await editor.inspect("chooser-empty", "/wangxi/resources/new", {
      prepare: async (page) => {
        await page.getByRole("button", { name: "从媒体库插入图片" }).click();
        await page.getByRole("dialog", { name: "插入图片" }).getByText("上传第一张图片").waitFor();
      },
    });
  });

  test("what only pretends to be a picture is refused by name", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const attempt = (page) => upload(page, [file("假图片.jpg", "image/jpeg", "<!doctype html><script>alert(1)</script>")]);
    await editor.inspect("media-refused", "/wangxi/media", {
      prepare: async (page) => {
        await attempt(page);
        await page.getByRole("alert").getByText("假图片.jpg").waitFor();
        assert.equal(await page.evaluate(() => document.activeElement?.id), "problems", "the trouble is not read first");
      },
    });
  });

  test("the editor brings both and describes the picture", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/media");
    await upload(page, [file(PICTURE, "image/png", await drawn(page)), file(DOCUMENT, "application/pdf", pdf())]);
    await editor.sees(/文件已上传/);
    await page.getByRole("link", { name: PICTURE }).click();
    story.medium = editor.path();
    await page.getByRole("heading", { level: 1, name: PICTURE }).waitFor();
    await editor.inspect("medium", story.medium);
    await editor.inspect("medium-with-mistakes", story.medium, {
      prepare: async (one) => {
        await one.locator("#focal_x").evaluate((field) => { field.removeAttribute("max"); field.value = "180"; });
        await one.getByRole("button", { name: "保存" }).click();
        await one.getByRole("alert").waitFor();
      },
    });
    await editor.go(story.medium);
    await chooseFocus(page);
    await tabTo(page, page.getByLabel("替代文字"));
    await page.keyboard.type(ALT);
    await page.keyboard.press("Enter");
    await editor.sees(/已保存/);
    editor.isQuiet();
    await editor.inspect("media", "/wangxi/media");
    await editor.inspect("media-list", "/wangxi/media?view=list");
    await editor.inspect("media-nothing-found", "/wangxi/media?q=没有&kind=archive", { widths: [360] });
  });

  test("both go into a text by keyboard", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    const channel = page.locator("#channel");
    await channel.selectOption(await channel.locator("option", { hasText: "要闻动态" }).getAttribute("value"));
    await page.locator("#title").fill(TITLE);
    await page.locator("#source").fill("望溪区园林绿化中心");
    await write(page, [BODY, ""]);
    await openByKeyboard(page);
    let dialog = page.getByRole("dialog", { name: "插入图片" });
    await page.keyboard.type("口袋公园");
    await dialog.getByText("找到 1 个").waitFor();
    await tabTo(page, dialog.getByRole("button", { name: PICTURE }));
    await page.keyboard.press("Enter");
    assert.equal(await dialog.getByLabel("替代文字").inputValue(), ALT);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.locator(".ProseMirror-focused").waitFor();
    await page.keyboard.type("摄于开放当日");
    assert.match(await page.locator("#body").inputValue(), new RegExp(`<p>${BODY}</p>\\s*<p><img src="media:\\d+" alt="${ALT}">摄于开放当日</p>`));

    await tabTo(page, page.locator("#cover-choose"));
    await page.keyboard.press("Enter");
    dialog = page.getByRole("dialog", { name: "选择封面图片" });
    await dialog.getByRole("button", { name: PICTURE }).waitFor();
    assert.equal(await dialog.getByRole("button", { name: DOCUMENT }).count(), 0);
    await tabTo(page, dialog.getByRole("button", { name: PICTURE }));
    await page.keyboard.press("Enter");
    await page.getByRole("group", { name: "封面图片" }).getByRole("link", { name: PICTURE }).waitFor();
    assert.match(await page.locator("#cover").inputValue(), /^\d+$/);
    await page.locator("#cover-choose:focus", { hasText: "更换" }).waitFor();

    await tabTo(page, page.locator("#attachments-choose"));
    await page.keyboard.press("Enter");
    dialog = page.getByRole("dialog", { name: "添加附件" });
    await dialog.getByRole("checkbox", { name: DOCUMENT }).waitFor();
    await tabTo(page, dialog.getByRole("checkbox", { name: DOCUMENT }));
    await page.keyboard.press("Space");
    await tabTo(page, dialog.getByRole("button", { name: "添加所选文件（1）" }));
    await page.keyboard.press("Enter");
    await page.getByRole("group", { name: "附件" }).getByRole("link", { name: DOCUMENT }).waitFor();
    for (const number of ["#cover", "#attachments"]) assert.equal(await page.locator(number).isVisible(), false, `${number} is a box for numbers`);
    await page.locator("#preview img").waitFor();
    await page.locator('button[value="save"]').click();
    await editor.sees(/草稿已保存/);
    editor.isQuiet();
    story.resource = editor.path();
    await editor.inspect("draft-with-media", story.resource);
    await editor.inspect("edit-with-media", `${story.resource}/edit`, { prepare: (one) => one.locator("#attachments-choose").waitFor() });
    for (const [name, opener] of [["chooser-cover", "#cover-choose"], ["chooser-attachments", "#attachments-choose"]]) {
      await editor.inspect(name, `${story.resource}/edit`, {
        prepare: async (one) => {
          await one.locator(opener).click();
          await one.getByRole("dialog").locator("#offered li").first().waitFor();
        },
      });
    }
    await editor.inspect("chooser-describing", "/wangxi/resources/new", {
      prepare: async (one) => {
        await one.getByRole("button", { name: "从媒体库插入图片" }).click();
        await one.getByRole("dialog").getByRole("button", { name: PICTURE }).click();
        await one.getByLabel("替代文字").waitFor();
      },
    });
  });

  test("three people approve it, and the public sees picture, cover and attachment", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.go(story.resource);
    await editor.press("button", "送审");
    await editor.sees(/已送审/);
    await people.approve(story.resource, REVIEWERS);
    const { page } = await people.signedIn(REVIEWERS.at(-1));
    await page.locator(".verdict-word", { hasText: "已上线" }).waitFor({ timeout: 30_000 });
    await seeInPublic();
  });

  test("what is used can be found out and not be thrown away", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.inspect("medium-used", story.medium);
    await editor.go(story.medium);
    await editor.page.getByRole("link", { name: TITLE }).waitFor();
    assert.equal(await editor.page.getByRole("button", { name: "删除文件" }).count(), 0);
    await editor.go("/wangxi/media?unused=1");
    await editor.page.getByText("没有符合条件的文件").waitFor();
    editor.isQuiet();
  });

  test("a picture is brought while a text is written, and asks what it shows", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    await openByKeyboard(page);
    const dialog = page.getByRole("dialog", { name: "插入图片" });
    await dialog.getByLabel("上传文件").setInputFiles([file("随手拍.png", "image/png", await drawn(page, "#7c3150")), file("假图片.png", "image/png", "无")]);
    await dialog.locator("#picked").getByText("假图片.png：").waitFor();
    await dialog.getByRole("button", { name: "随手拍.png" }).click();
    await dialog.getByLabel("替代文字").fill("河边的步道");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await until(async () => /<img src="media:\d+" alt="河边的步道">/.test(await page.locator("#body").inputValue()));
    // One alone is what was wanted, also where the library had it already.
    await openByKeyboard(page);
    await dialog.getByLabel("上传文件").setInputFiles([file("又一次.png", "image/png", await drawn(page, "#7c3150"))]);
    await dialog.getByLabel("替代文字").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.locator(".ProseMirror-focused").waitFor();
    editor.isQuiet();
  });

  test("a search without results is no empty library", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    await openByKeyboard(page);
    await page.keyboard.type("没有这样的图");
    const dialog = page.getByRole("dialog", { name: "插入图片" });
    await dialog.getByText("没有文件名含“没有这样的图”的图片").waitFor();
    await tabTo(page, dialog.getByRole("button", { name: "显示全部图片" }));
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: PICTURE }).waitFor();
    editor.isQuiet();
  });

  test("a file is linked from the words that are chosen", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    await write(page, ["分布见表"]);
    await page.keyboard.press("Shift+ArrowLeft");
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 20))));
    await page.getByRole("button", { name: "更多工具" }).click();
    await page.getByRole("menuitem", { name: "插入文件链接…" }).click();
    await page.getByRole("dialog", { name: "插入文件链接" }).getByRole("button", { name: DOCUMENT }).click();
    await page.locator(".ProseMirror-focused a").waitFor();
    assert.match(await page.locator("#body").inputValue(), /<p>分布见<a href="media:\d+">表<\/a><\/p>/);
    editor.isQuiet();
  });

  test("attachments are put in order and taken out by keyboard, and kept like what is typed", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    await page.locator("#attachments-choose").press("Enter");
    const dialog = page.getByRole("dialog", { name: "添加附件" });
    await dialog.getByLabel("上传文件").setInputFiles([file(DOCUMENT, "application/pdf", pdf()), file("开放时间表.pdf", "application/pdf", `${pdf()}% `)]);
    await tabTo(page, dialog.getByRole("button", { name: "添加所选文件（2）" }));
    await page.keyboard.press("Enter");
    const list = page.getByRole("group", { name: "附件" });
    const names = () => list.getByRole("listitem").getByRole("link").allTextContents();
    await list.getByRole("link", { name: "开放时间表.pdf" }).waitFor();
    const [first, second] = (await page.locator("#attachments").inputValue()).split("，");
    await list.getByRole("button").filter({ hasText: `下移：${DOCUMENT}` }).press("Enter");
    assert.equal(await page.locator("#attachments").inputValue(), `${second}，${first}`);
    await until(async () => (await names())[0].startsWith("开放时间表.pdf"));
    await page.locator(`#attachments-down-${first}:focus[aria-disabled="true"]`).waitFor();
    await page.locator("#unsaved", { hasText: "已自动保存" }).waitFor();
    // What is there already is not offered twice.
    await page.locator("#attachments-choose").press("Enter");
    await dialog.getByRole("checkbox", { name: DOCUMENT }).waitFor();
    assert.ok(await dialog.getByRole("checkbox", { name: DOCUMENT }).isDisabled());
    await page.keyboard.press("Escape");
    await page.locator("#attachments-choose:focus").waitFor();
    await list.getByRole("button").filter({ hasText: "移除：开放时间表.pdf" }).press("Enter");
    await page.locator(`#attachments-remove-${first}:focus`).press("Enter");
    await page.locator("#attachments-choose:focus").waitFor();
    assert.equal(await page.locator("#attachments").inputValue(), "");
    editor.isQuiet();
  });

  test("what is wrong with a chosen file is told where it is chosen", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go(`${story.resource}/edit`);
    await page.locator("#attachments").evaluate((field) => { field.value = "987654"; });
    // The list of what is chosen comes after the form: here not before the link is followed, which leads to it all the same.
    let follow;
    const followed = new Promise((resolve) => { follow = resolve; });
    await page.route("**/media/chosen?attachments=*", async (route) => { await followed; await route.continue(); });
    await page.locator('button[value="save"]').click();
    await page.getByRole("alert").getByRole("link", { name: /没有编号为 987654 的文件/ }).click();
    follow();
    await page.locator('#attachments-choose:focus[aria-describedby~="attachments-problem"]').waitFor();
    const list = page.getByRole("group", { name: "附件" });
    await list.locator("#attachments-problem").waitFor();
    await list.getByRole("button").filter({ hasText: "移除：987654" }).press("Enter");
    assert.equal(await page.locator("#attachments").inputValue(), "");
    editor.complaints.splice(0).forEach((complaint) => assert.match(complaint, /422/));
  });

  test("without scripts the numbers are typed", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const plain = await open(browser, { javaScriptEnabled: false, storageState: await editor.context.storageState() });
    await visit(plain.page, `${demo.console}/wangxi/resources/new`);
    for (const label of ["封面图片编号", "附件编号"]) await plain.page.getByLabel(label).fill("1");
    await plain.page.getByText("编号见媒体库").first().waitFor();
    await plain.close();
  });
});

/** The article as its readers have it: the picture is there with its words, the attachment says what it is. */
async function seeInPublic() {
  for (const width of WIDTHS) {
    const visitor = await open(browser, { width });
    await visit(visitor.page, `${demo.site("wangxi")}/yaowen/`);
    const link = visitor.page.getByRole("main").getByRole("link", { name: TITLE }).first();
    await visit(visitor.page, await link.evaluate((one) => one.href));
    const picture = visitor.page.getByRole("main").getByRole("img", { name: ALT }).first();
    await picture.scrollIntoViewIfNeeded();
    await visitor.page.waitForFunction((image) => image.complete && image.naturalWidth > 0, await picture.elementHandle());
    const attachment = visitor.page.getByRole("main").getByRole("link", { name: DOCUMENT });
    const [download] = await Promise.all([visitor.page.waitForEvent("download"), attachment.click()]);
    assert.equal(download.suggestedFilename(), DOCUMENT);
    assert.equal(readFileSync(await download.path(), "latin1"), pdf());
    await assertFits(visitor.page, "the article with a picture");
    await shoot(visitor.page, `media-article-${width}`);
    assertQuiet(visitor.complaints, "the article with a picture");
    const auditor = await open(browser, { width, bypassCSP: true });
    await visit(auditor.page, visitor.page.url());
    await assertAccessible(auditor.page, `the article with a picture at ${width} px`);
    await auditor.close();
    await visitor.close();
  }
}

/** The focal point is set by a click upon the picture and shown in the two fields. */
async function chooseFocus(page) {
  const image = page.locator(".focal img");
  const { width, height } = await image.boundingBox();
  await image.click({ position: { x: width / 4, y: height / 2 } });
  assert.equal(await page.locator("#focal_x").inputValue(), "25");
  assert.equal(await page.locator("#focal_y").inputValue(), "50");
}

/** From the text through the tools to the window in which a picture is chosen. */
async function openByKeyboard(page) {
  await page.getByRole("textbox", { name: "正文" }).focus();
  await page.keyboard.press("Alt+F10");
  const tool = page.getByRole("button", { name: "从媒体库插入图片" });
  for (let step = 0; !(await tool.evaluate((one) => one === document.activeElement)); step += 1) {
    assert.ok(step < 40, "the arrows do not lead to the tool");
    await page.keyboard.press("ArrowRight");
  }
  await page.keyboard.press("Enter");
  await page.locator("dialog[open] #sought:focus").waitFor();
}

async function upload(page, files) {
  await page.getByLabel("选择文件").setInputFiles(files);
  await page.getByRole("button", { name: "上传" }).press("Enter");
  await page.waitForLoadState();
}

/** The smallest document that every reader opens: one empty page. */
function pdf() {
  const objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj${object}endobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  return `${text}xref\n0 4\n0000000000 65535 f \n${places.join("")}trailer<</Size 4/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`;
}

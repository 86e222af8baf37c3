// The media library in a real browser: a picture and a document are brought, described, put into a text, reviewed and seen by
// the public; what is no picture is refused.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { WIDTHS, assertAccessible, assertFits, assertQuiet, open, shoot, tabTo, visit } from "./browser.mjs";
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
    await editor.go("/wangxi/resources/new");
    await editor.page.getByText("插入图片、附件或设置封面").click();
    await editor.page.locator("#offered").getByText("没有找到文件").waitFor();
    editor.isQuiet();
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
    await openPicker(page);
    const press = async (name, told) => {
      await tabTo(page, page.getByRole("button").filter({ hasText: name }));
      await page.keyboard.press("Enter");
      await page.locator("#picked").getByText(told).waitFor();
    };
    await page.locator("#sought").focus();
    await press(`设为封面：${PICTURE}`, "已设为封面");
    await page.locator("#sought").focus();
    await press(`加为附件：${DOCUMENT}`, "已加为附件");
    await page.locator("#sought").focus();
    await press(`插入正文：${PICTURE}`, "图片已插入正文");
    assert.match(await page.locator("#body").inputValue(), new RegExp(`<p>${BODY}</p>\\s*<p><img src="media:\\d+" alt="${ALT}"></p>`));
    await page.locator("#preview img").waitFor();
    await page.locator("#chosen").getByRole("link", { name: DOCUMENT }).waitFor();
    await page.locator('button[value="save"]').click();
    await editor.sees(/草稿已保存/);
    editor.isQuiet();
    story.resource = editor.path();
    await editor.inspect("draft-with-media", story.resource);
    await editor.inspect("edit-with-media", `${story.resource}/edit`, { prepare: openPicker });
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
    await openPicker(page);
    await page.getByLabel("上传文件").setInputFiles([file("随手拍.png", "image/png", await drawn(page, "#7c3150")), file("假图片.png", "image/png", "无")]);
    await page.locator("#picked").getByText("假图片.png：").waitFor();
    await page.getByRole("button").filter({ hasText: "插入正文：随手拍.png" }).click();
    const asked = page.getByRole("dialog", { name: "图片说明" });
    await asked.getByLabel("替代文字").fill("河边的步道");
    await page.keyboard.press("Enter");
    await asked.waitFor({ state: "detached" });
    assert.match(await page.locator("#body").inputValue(), /<img src="media:\d+" alt="河边的步道">/);
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

async function openPicker(page) {
  await page.locator("#picker summary").press("Enter");
  await page.locator("#offered").getByText(DOCUMENT, { exact: true }).waitFor();
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

// The editor: what Word, WPS, Excel and web pages put on the clipboard keeps its structure and nothing else, and every tool works by
// keyboard. Each `foreign/*.html` is what was copied, `*.kept.html` beside it what must become of it.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tabTo } from "./browser.mjs";
import { FOREIGN, drawn, foreign, paste, withPicture } from "./clipboard.mjs";
import { until } from "./demo.mjs";
import { stage } from "./stage.mjs";

const CASES = readdirSync(FOREIGN).filter((name) => name.endsWith(".html") && !name.endsWith(".kept.html")).map((name) => name.replace(/\.html$/, ""));

/** A picture in the editor, which puts empty ones beside it to hold the cursor. */
const PICTURE = ".ProseMirror img:not(.ProseMirror-separator)";

const { people } = await stage();
const { page } = await people.signedIn("wangxi-editor");

describe("what is pasted", () => {
  for (const name of CASES) {
    test(`keeps its structure: ${name}`, async () => {
      const editor = await begin();
      await paste(page, { "text/html": foreign(name) });
      await until(async () => (await text()) !== "");
      assert.equal(await text(), foreign(`${name}.kept`).trim());
      editor.complaints.splice(0).forEach((complaint) => assert.match(complaint, /404 .*\/media\/a\.png/));
    });
  }

  test("brings its pictures with it where Word sends them as RTF", async () => {
    const editor = await begin();
    await paste(page, withPicture("word-pictures", await drawn(page)));
    await until(async () => /<img src="media:\d+" alt="检修现场" width="200">/.test(await text()));
    await page.locator(PICTURE).evaluate((image) => image.decode());
    editor.isQuiet();
  });

  test("may be a picture alone, and asks for words about it", async () => {
    const editor = await begin();
    await paste(page, {}, [await drawn(page)]);
    await until(async () => /<img src="media:\d+" alt="">/.test(await text()));
    await page.locator(PICTURE).dblclick();
    await page.getByLabel("替代文字").fill("植树现场");
    await editor.inspect("editor-picture", "/wangxi/resources/new", { widths: [360] });
    await page.getByRole("button", { name: "确定" }).click();
    await until(async () => (await text()).includes('alt="植树现场"'));
    // Likewise with the keyboard, and from the bar that stands above the text as long as the picture is chosen.
    await page.keyboard.press("Enter");
    await page.getByLabel("替代文字").fill("春季植树");
    await page.keyboard.press("Enter");
    await until(async () => (await text()).includes('alt="春季植树"'));
    await page.getByText("替代文字：春季植树").waitFor();
    await page.getByRole("button", { name: "图片说明…" }).click();
    await page.getByRole("button", { name: "取消" }).click();
    await page.getByRole("button", { name: "删除图片" }).click();
    await until(async () => !(await text()).includes("<img"));
    editor.isQuiet();
  });
});

describe("a Word document", () => {
  const choose = async (name) => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: /导入 Word/ }).click()]);
    await chooser.setFiles(name);
  };

  test("is read with headings, lists, tables within tables and pictures", async () => {
    const editor = await begin();
    await choose(join(FOREIGN, "notice.docx"));
    await until(async () => (await text()).includes("media:"));
    assert.equal(await page.locator("#title").inputValue(), "关于组织全民义务植树的通知");
    assert.equal((await text()).replace(/media:\d+/g, "media:1"), foreign("notice.kept").trim());
    editor.isQuiet();
  });

  test("says what it looks like and runs nothing", async () => {
    const editor = await begin();
    await choose(join(FOREIGN, "plain.docx"));
    await until(async () => (await text()).includes("第二段"));
    assert.equal(await text(), "<p>没有样式的正文第一段。</p>\n<p>第二段，含 &lt;script&gt;alert(1)&lt;/script&gt; 字样。</p>");
    editor.isQuiet();
  });

  test("that is none is told kindly", async () => {
    await begin();
    await choose({ name: "旧稿.doc", mimeType: "application/msword", buffer: Buffer.from("x") });
    await page.getByText("另存为 .docx").waitFor();
    await choose({ name: "坏稿.docx", mimeType: "application/zip", buffer: Buffer.from("x") });
    await page.getByText("可能已损坏").waitFor();
  });
});

describe("by keyboard alone", () => {
  test("the tools are one stop, and the arrows lead through them", async () => {
    const editor = await begin();
    await page.locator("#subtitle").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.ok(await page.locator(".ProseMirror").evaluate((one) => one === document.activeElement || document.activeElement.closest(".tools")));
    await page.locator(".ProseMirror").focus();
    await page.keyboard.type("甲乙");
    await page.keyboard.press("Shift+ArrowLeft");
    // The editor hears of what was chosen once the browser has drawn it.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 20))));
    await page.keyboard.press("Alt+F10");
    for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "加粗");
    await page.keyboard.press("Enter");
    assert.equal(await text(), "<p>甲<strong>乙</strong></p>");
    editor.isQuiet();
  });

  test("the tools take two lines on a desk and one on a phone, which shows that there is more", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const lines = () => page.locator(".tools .tool").evaluateAll((tools) => new Set(tools.map((tool) => Math.round(tool.getBoundingClientRect().top))).size);
    await begin();
    assert.ok(await lines() <= 2, `${await lines()} lines`);
    for (const width of [390, 360]) {
      await page.setViewportSize({ width, height: 844 });
      assert.equal(await lines(), 1);
      await page.locator(".tools.more-after:not(.more-before)").waitFor();
      const edge = await page.locator(".tools").evaluate((bar) => bar.getBoundingClientRect().right);
      const boxes = await page.locator(".tools .tool").evaluateAll((tools) => tools.map((tool) => tool.getBoundingClientRect()).map(({ left, right }) => [left, right]));
      assert.ok(boxes.some(([left, right]) => left < edge && right > edge - 40), `no tool fades out at ${width} px`);
      await page.locator(".ProseMirror").focus();
      await page.keyboard.press("Alt+F10");
      await page.keyboard.press("End");
      await page.locator(".tools.more-before:not(.more-after)").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "更多工具");
      await page.keyboard.press("Home");
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    editor.isQuiet();
  });

  test("headings, lists and a table are made and taken back", async () => {
    const editor = await begin();
    await page.locator(".ProseMirror").focus();
    await page.keyboard.type("## 第一部分");
    await page.keyboard.press("Enter");
    await page.keyboard.type("- 甲");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("乙");
    assert.equal(await text(), "<h2>第一部分</h2>\n<ul><li><p>甲</p><ul><li><p>乙</p></li></ul></li></ul>");
    for (let times = 0; times < 3; times += 1) await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "表格", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await page.getByLabel("行数（含表头）").fill("2");
    await page.getByLabel("列数").fill("2");
    await page.keyboard.press("Enter");
    // A browser closes a dialog a moment after it was answered; nobody types that fast.
    await page.locator(".ProseMirror-focused table").waitFor();
    await page.keyboard.type("事项");
    await page.keyboard.press("Tab");
    await page.keyboard.type("时限");
    assert.match(await text(), /<th><p>事项<\/p><\/th><th><p>时限<\/p><\/th><\/tr><tr><td><p><\/p><\/td>/);
    // From its last cell one gets into a line more, and back; taken back, it is gone.
    for (let times = 0; times < 3; times += 1) await page.keyboard.press("Tab");
    await page.keyboard.type("新行");
    assert.match(await text(), /<tr><td><p>新行<\/p><\/td><td><p><\/p><\/td><\/tr><\/tbody>/);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.type("末格");
    assert.match(await text(), /<td><p>末格<\/p><\/td><\/tr><tr><td><p>新行/);
    // The editor hears a frame later where the browser has moved to; nobody presses that fast.
    const frame = () => page.evaluate(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen))));
    // From the last line of a table that ends the text one gets below it.
    for (const key of ["Shift+Tab", "Shift+Tab", "End", "ArrowDown", "ArrowDown", "ArrowDown"]) {
      await page.keyboard.press(key);
      await frame();
    }
    await page.keyboard.type("此后继续");
    assert.match(await text(), /<\/table>\n?<p>此后继续<\/p>$/);
    for (let times = 0; times < 20 && (await text()).includes("table"); times += 1) await page.keyboard.press("Control+z");
    assert.ok(!(await text()).includes("table"));
    editor.isQuiet();
  });

  test("words are found and replaced, and official layout is one step", async () => {
    const editor = await begin();
    await page.locator(".ProseMirror").focus();
    for (const line of ["各街道：", "　　为做好供热，现通知如下。", "一、总体要求", "保障供热。", "望溪区人民政府办公室", "2026年11月10日"]) {
      await page.keyboard.insertText(line);
      await page.keyboard.press("Enter");
    }
    await page.keyboard.press("Control+f");
    await page.keyboard.type("供热");
    await page.getByText("共 2 处").waitFor();
    await page.getByLabel("替换为").fill("供暖");
    await page.getByRole("button", { name: "全部替换" }).click();
    await page.getByText("已替换 2 处").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^公文排版/ }).click();
    assert.equal(await text(), [
      "<p>各街道：</p>", '<p class="indent">为做好供暖，现通知如下。</p>', "<h2>一、总体要求</h2>", '<p class="indent">保障供暖。</p>',
      '<p class="right">望溪区人民政府办公室</p>', '<p class="right">2026年11月10日</p>',
    ].join("\n"));
    editor.isQuiet();
  });

  test("a link leads into the library, a footnote stands where it belongs", async () => {
    const editor = await begin();
    await page.locator(".ProseMirror").focus();
    await page.keyboard.type("详见");
    await page.keyboard.press("Control+k");
    await page.getByLabel("查找本平台已发布的内容").fill("历史文化街区业态引导");
    const found = page.locator(".found-list button").first();
    await tabTo(page, found);
    await page.keyboard.press("Enter");
    await until(async () => /<p>详见<a href="resource:\d+">/.test(await text()));
    await page.getByRole("button", { name: "更多工具" }).press("Enter");
    await page.getByRole("menuitem", { name: "脚注…" }).press("Enter");
    await page.getByLabel("脚注内容").fill("自发布之日起三十日后施行。");
    await page.getByRole("button", { name: "确定" }).click();
    await until(async () => (await text()).endsWith('<span class="footnote">自发布之日起三十日后施行。</span></p>'));
    editor.isQuiet();
  });

  test("every state of it is accessible and fits", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const written = async (one) => {
      await one.locator(".ProseMirror").focus();
      await one.keyboard.insertText("一段正文");
    };
    await editor.inspect("editor-finding", "/wangxi/resources/new", {
      prepare: async (one) => {
        await written(one);
        await one.keyboard.press("Control+f");
      },
    });
    await editor.inspect("editor-menu", "/wangxi/resources/new", {
      prepare: async (one) => {
        await written(one);
        await one.getByRole("button", { name: "表格", exact: true }).click();
      },
    });
    await editor.inspect("editor-link", "/wangxi/resources/new", {
      prepare: async (one) => {
        await written(one);
        await one.keyboard.press("Control+k");
        await one.getByLabel("查找本平台已发布的内容").fill("公告");
      },
    });
    await editor.inspect("editor-full", "/wangxi/resources/new", {
      prepare: async (one) => {
        await written(one);
        await one.getByRole("button", { name: "更多工具" }).click();
        await one.getByRole("menuitemcheckbox", { name: /^全屏/ }).click();
      },
    });
  });
});

// ---- What is done to the editor ----

/** An empty form whose words nobody kept. */
async function begin() {
  const editor = await people.signedIn("wangxi-editor");
  await editor.go("/wangxi/resources/new");
  await page.locator(".ProseMirror").waitFor();
  return editor;
}

const text = () => page.locator("#body").inputValue();

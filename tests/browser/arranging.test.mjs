// The home page arranged in the console: blocks added, told what to show, moved and removed, seen beside the draft, and live.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible, assertFits, open, shoot, tabTo, visit } from "./browser.mjs";
import { until } from "./demo.mjs";
import { drawn, file } from "./files.mjs";
import { write } from "./people.mjs";
import { stage } from "./stage.mjs";

const { demo, browser, people } = await stage();

const headings = (page) => page.locator("main h2").evaluateAll((all) => all.map((one) => one.textContent.trim()));

describe("arranging the home page", () => {
  test("its screens are accessible and fit a phone, mistakes included", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("home-page", "/wangxi/home-page");
    await admin.inspect("home-page-garden", "/donglan/home-page");
    await admin.inspect("home-page-block", "/wangxi/home-page/blocks/1");
    await admin.inspect("home-page-panels", "/wangxi/home-page/blocks/3");
    await admin.inspect("look", "/wangxi/look");
    await admin.inspect("look-mistakes", "/wangxi/look", {
      prepare: async (page) => {
        await page.getByLabel("主色").fill("#ffee88");
        await page.getByRole("button", { name: "保存" }).click();
        await page.getByRole("alert").waitFor();
      },
    });
  });

  test("an administrator adds, fills, moves and removes blocks, sees the draft, and puts it live", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    const { page: visitor, close } = await open(browser);
    const site = `${demo.site("wangxi")}/`;
    await visit(visitor, site);
    const atFirst = await headings(visitor);

    await admin.go("/wangxi/home-page");
    const main = page.getByRole("region", { name: "主体" });
    await main.getByText("添加板块").click();
    await main.getByRole("button", { name: /^友情链接/ }).click();
    await page.getByText("板块已添加").waitFor();
    await page.getByLabel("链接").fill("中国政府网 www.gov.cn");
    await page.getByRole("button", { name: "存入草稿" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").textContent(), /第1行应为“名称 网址”/);
    await page.getByLabel("链接").fill("中国政府网 https://www.gov.cn/\n国家政务服务平台 https://www.gjzwfw.gov.cn/");
    await page.getByRole("button", { name: "存入草稿" }).click();
    await page.getByText("有未上线的改动").waitFor();

    // Up, by keyboard: the button that was pressed is ready to be pressed again.
    const up = main.getByRole("button", { name: "上移“友情链接”" });
    await tabTo(page, up, 200);
    for (let step = 0; step < 2; step += 1) {
      const shown = page.waitForEvent("load");
      await page.keyboard.press("Enter");
      await shown;
      await until(() => up.evaluate((one) => one === document.activeElement));
    }
    // The page beside it shows the block that was moved, marked for a moment, and only that page has moved.
    const inner = page.frames().find((one) => one.name() === "home-preview");
    const block = inner.locator("section", { has: inner.getByRole("heading", { name: "友情链接" }) }).last();
    await until(() => block.evaluate((one) => {
      const { top } = one.getBoundingClientRect();
      return top >= 0 && top < window.innerHeight && one.getAnimations().length > 0;
    }));
    await page.getByRole("button", { name: /^移除.*本市政府网站/ }).click();
    await page.waitForLoadState();

    const frame = page.frameLocator("iframe[name=home-preview]");
    await frame.getByRole("heading", { name: "友情链接" }).waitFor();
    assert.equal(await frame.getByRole("heading", { name: "市区两级政府网站" }).count(), 0);
    await visit(visitor, site);
    assert.deepEqual(await headings(visitor), atFirst);

    await page.getByRole("button", { name: "上线", exact: true }).click();
    await admin.sees("已上线");
    await until(async () => {
      await visit(visitor, site);
      return (await headings(visitor)).includes("友情链接");
    });
    assert.ok(!(await headings(visitor)).includes("市区两级政府网站"));
    for (const width of [1280, 390]) {
      await visitor.setViewportSize({ width, height: 900 });
      await assertFits(visitor, `home at ${width}`);
    }
    await close();
    const audited = await open(browser, { bypassCSP: true });
    await visit(audited.page, site);
    await assertAccessible(audited.page, "the arranged home page");
    await audited.close();
    admin.isQuiet();
  });

  test("a block without content is said to stay off the page, and what was live before is brought back", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    const site = `${demo.site("jinchuan")}/`;
    const { page: visitor, close } = await open(browser);
    await visit(visitor, site);
    const atFirst = await headings(visitor);
    const live = (wanted) => until(async () => {
      await visit(visitor, site);
      return JSON.stringify(await headings(visitor)) === JSON.stringify(wanted);
    });

    await admin.go("/jinchuan/home-page");
    assert.equal(await page.getByRole("link", { name: "恢复上一版" }).count(), 0);
    await admin.inspect("home-page-previous-none", "/jinchuan/home-page/previous");
    await admin.go("/jinchuan/home-page");
    const main = page.getByRole("region", { name: "主体" });
    const last = main.getByRole("listitem").filter({ has: page.getByRole("button", { name: /^移除/ }) }).last();
    await last.getByRole("button", { name: /^移除/ }).click();
    await page.getByText("有未上线的改动").waitFor();
    await main.getByText("添加板块").click();
    const kind = main.getByRole("listitem").filter({ has: page.getByRole("button", { name: /^稿件列表/ }) });
    assert.match(await kind.textContent(), /半行.*可改为整行/s);
    await main.getByRole("button", { name: /^图片新闻/ }).click();
    await page.getByText("板块已添加").waitFor();
    const channel = page.getByLabel("栏目");
    await channel.selectOption(await channel.locator("option", { hasText: "信息公开指南" }).first().getAttribute("value"));
    await page.getByLabel("标题").fill("镜头里的锦川");
    await page.getByRole("button", { name: "存入草稿" }).click();
    await page.getByText("暂无带封面图片的稿件，上线后不显示该板块").waitFor();
    const frame = page.frameLocator("iframe[name=home-preview]");
    await frame.locator("main h2").first().waitFor();
    assert.equal(await frame.getByRole("heading", { name: "镜头里的锦川" }).count(), 0);
    await admin.inspect("home-page-unseen", "/jinchuan/home-page");
    await page.emulateMedia({ colorScheme: "dark" });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await admin.go("/jinchuan/home-page");
      await shoot(page, `console-home-page-unseen-dark-${width}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 900 });
    await admin.go("/jinchuan/home-page");
    await page.getByRole("button", { name: "上线", exact: true }).click();
    await admin.sees("如需退回，可恢复上一版");
    await until(async () => {
      await visit(visitor, site);
      return (await headings(visitor)).length < atFirst.length;
    });
    const mistaken = await headings(visitor);
    assert.ok(!mistaken.includes("镜头里的锦川") && mistaken.every((one) => atFirst.includes(one)), `${mistaken}`);

    // Looked at, brought back into the draft, and live again.
    await admin.go("/jinchuan/home-page");
    await page.getByRole("link", { name: "恢复上一版" }).click();
    const before = page.frameLocator("iframe[name=previous-preview]");
    await before.getByRole("heading", { name: atFirst.at(-1) }).first().waitFor();
    await admin.inspect("home-page-previous", "/jinchuan/home-page/previous");
    await page.emulateMedia({ colorScheme: "dark" });
    await admin.go("/jinchuan/home-page/previous");
    await shoot(page, "console-home-page-previous-dark-1280");
    await page.emulateMedia({ colorScheme: "light" });
    await admin.go("/jinchuan/home-page/previous");
    await page.getByRole("button", { name: "恢复为草稿" }).press("Enter");
    await admin.sees("上一版已恢复为草稿");
    await visit(visitor, site);
    assert.deepEqual(await headings(visitor), mistaken);
    await page.getByRole("button", { name: "上线", exact: true }).click();
    await admin.sees("已上线");
    await live(atFirst);
    await close();
    admin.isQuiet();
  });

  test("pictures are chosen from the library, put in order, and shown as a carousel that does not move by itself", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/wangxi/media");
    const pictures = [file("春到望溪.png", "image/png", await drawn(page, "#31507c")), file("夜色.png", "image/png", await drawn(page, "#7c3150"))];
    await page.getByLabel("选择文件").setInputFiles(pictures);
    await page.getByRole("button", { name: "上传" }).click();
    await page.getByText("夜色.png").first().waitFor();

    await admin.go("/wangxi/home-page");
    const main = page.getByRole("region", { name: "主体" });
    await main.getByText("添加板块").click();
    await main.getByRole("button", { name: /^轮播图/ }).click();
    await page.getByText("板块已添加").waitFor();
    const block = admin.path();
    await admin.inspect("carousel-empty", block);
    await page.getByLabel("标题").fill("望溪风光");
    await page.getByRole("button").filter({ hasText: "选用：春到望溪.png" }).click();
    await page.getByLabel(/替代文字.*第1张/).fill("望溪河两岸桃花盛开");
    await page.getByLabel(/说明文字.*第1张/).fill("春到望溪");
    // What is looked for is found while it is typed.
    await page.getByLabel("按文件名查找").fill("夜色");
    await until(async () => (await page.getByRole("button").filter({ hasText: "选用：" }).count()) === 1);
    await page.getByRole("button").filter({ hasText: "选用：夜色.png" }).click();
    assert.equal(await page.getByLabel("标题").inputValue(), "望溪风光");
    await page.getByRole("button", { name: "存入草稿" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").textContent(), /第2张图片：请填写替代文字/);
    await page.getByRole("link", { name: /第2张图片/ }).click();
    await page.getByLabel(/替代文字.*第2张/).fill("夜色中的望溪河步道");

    // The second one first, by keyboard; it stays under the finger.
    const up = page.getByRole("button", { name: "上移第2张“夜色.png”" });
    await tabTo(page, up, 200);
    const shown = page.waitForEvent("load");
    await page.keyboard.press("Enter");
    await shown;
    assert.equal(await page.getByLabel(/替代文字.*第1张/).inputValue(), "夜色中的望溪河步道");

    // A link is found by the title of what it leads to.
    await page.getByRole("button", { name: "查找稿件：第1张“夜色.png”" }).click();
    await page.getByLabel("查找本平台已发布的内容").fill("望溪");
    const found = page.locator(".found button").first();
    const title = (await found.evaluate((one) => one.dataset.title)).trim();
    await found.click();
    await page.getByText(`将链接到稿件“${title}”`).waitFor();
    await page.getByRole("button", { name: "存入草稿" }).click();
    await page.getByText("有未上线的改动").waitFor();
    await admin.inspect("carousel", block);
    await page.emulateMedia({ colorScheme: "dark" });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await admin.go(block.replace("?new=yes", ""));
      await shoot(page, `console-carousel-dark-${width}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1280, height: 900 });

    await admin.go("/wangxi/home-page");
    const preview = page.frameLocator("iframe[name=home-preview]").getByAltText("夜色中的望溪河步道");
    await until(() => preview.evaluate((one) => one.naturalWidth > 0));
    await page.getByRole("button", { name: "上线", exact: true }).click();
    await admin.sees("已上线");

    const site = `${demo.site("wangxi")}/`;
    const { page: visitor, close } = await open(browser, { bypassCSP: true });
    await until(async () => {
      await visit(visitor, site);
      return (await visitor.locator(".carousel").count()) === 1;
    });
    for (const width of [1280, 360]) {
      await visitor.setViewportSize({ width, height: 900 });
      await visit(visitor, site);
      const carousel = visitor.locator(".carousel");
      await carousel.scrollIntoViewIfNeeded();
      await until(() => carousel.locator("img").first().evaluate((one) => one.complete && one.naturalWidth > 0));
      await assertFits(visitor, `a carousel at ${width}`);
      await assertAccessible(visitor, `a carousel at ${width}`);
      await shoot(visitor, `carousel-${width}`);
      const left = () => carousel.locator("ul").evaluate((one) => one.scrollLeft);
      assert.equal(await left(), 0);
      await carousel.getByRole("button", { name: "下一张" }).press("Enter");
      await until(async () => (await left()) > 0);
      await until(async () => (await carousel.getByRole("link", { name: /第2张/ }).getAttribute("aria-current")) === "true");
    }
    await close();
    // Without a script the numbers lead there.
    const plain = await open(browser, { javaScriptEnabled: false });
    await visit(plain.page, site);
    await plain.page.getByRole("link", { name: /第2张：春到望溪/ }).click();
    await plain.page.getByAltText("望溪河两岸桃花盛开").waitFor();
    assert.equal(await plain.page.getByRole("button", { name: "下一张" }).count(), 0);
    await plain.close();

    await admin.go("/wangxi/media?q=夜色");
    await page.getByRole("link", { name: /夜色\.png/ }).first().click();
    await page.getByText("公众可见的板块正在使用").waitFor();
    await admin.inspect("medium-shown", admin.path());
    admin.isQuiet();
  });

  test("a topic is opened from a template, and its page is arranged and seen", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.inspect("topics", "/wangxi/topics");
    await admin.inspect("topics-mistakes", "/wangxi/topics", {
      prepare: async (one) => {
        await one.getByRole("button", { name: "开设专题" }).click();
        await one.getByRole("alert").waitFor();
      },
    });
    await admin.go("/wangxi/topics");
    await page.getByRole("radio", { name: /会议活动/ }).check();
    await page.getByLabel("专题名称").fill("望溪茶文化节");
    await page.getByLabel("网址名").fill("chawenhua");
    await page.getByLabel("关键词").fill("茶文化节，文旅");
    await page.getByLabel("专题说明").fill("第三届望溪茶文化节的报道和日程。");
    await page.getByRole("button", { name: "开设专题" }).click();
    await admin.sees("专题已开设");
    await page.frameLocator("iframe[name=home-preview]").getByRole("heading", { name: "望溪茶文化节" }).waitFor();
    await admin.inspect("topic", "/wangxi/topics/chawenhua");
    await admin.inspect("topics-prepared", "/wangxi/topics");
    await admin.inspect("topic-opening", "/wangxi/topics/chawenhua/opening");

    // What is written for it waits.
    const editor = await people.signedIn("wangxi-editor");
    await editor.go("/wangxi/resources/new");
    const channel = editor.page.locator('select[name="channel"]');
    await channel.selectOption(await channel.locator("option", { hasText: "活动报道" }).getAttribute("value"));
    await editor.page.locator("#title").fill("茶文化节筹备就绪");
    await editor.page.locator("#source").fill("望溪区文化和旅游局");
    await write(editor.page, ["茶文化节各项筹备工作就绪。"]);
    await editor.page.getByRole("button", { name: "保存并送审" }).click();
    await editor.sees(/已送审/);
    const text = editor.path();
    await people.approve(text, ["wangxi-review1", "wangxi-review2", "wangxi-review3"]);
    const reviewer = await people.signedIn("wangxi-review3");
    await reviewer.page.getByText("已备好").waitFor();
    await reviewer.inspect("receipt-waiting", reviewer.path());
    await admin.inspect("resource-waiting", text);
    await admin.inspect("places-waiting", `${text}/places`);
    await admin.go(`${text}/places`);
    await page.getByRole("link", { name: "投放设置" }).click();
    await page.getByText("随专题上线").waitFor();
    await admin.inspect("placement-waiting", admin.path());

    // The public sees nothing of it until it goes live.
    const { page: visitor, close } = await open(browser, { bypassCSP: true });
    const address = `${demo.site("wangxi")}/zt/chawenhua/`;
    assert.equal((await visitor.goto(address)).status(), 404);
    await visit(visitor, `${demo.site("wangxi")}/sitemap.html`);
    assert.ok(!(await visitor.content()).includes("望溪茶文化节"));
    await admin.go("/wangxi/topics/chawenhua");
    await page.getByText("筹备中", { exact: true }).waitFor();
    await page.getByRole("link", { name: "专题上线" }).click();
    await page.getByText("空栏目").first().waitFor();
    await page.getByRole("button", { name: "确认上线" }).click();
    await admin.sees("专题已上线");
    await page.getByText("已上线", { exact: true }).waitFor();
    await until(async () => (await visitor.goto(address)).status() === 200);
    for (const width of [1280, 360]) {
      await visitor.setViewportSize({ width, height: 900 });
      await assertFits(visitor, `a topic at ${width}`);
      await assertAccessible(visitor, `a topic at ${width}`);
      await shoot(visitor, `topic-${width}`);
    }
    await close();
    admin.isQuiet();
  });

  test("another theme is looked at on three pages, put on, and taken off again", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/wangxi/look");
    await page.getByRole("link", { name: /预览并更换/ }).first().click();
    await page.getByRole("heading", { name: "更换为“园林”主题" }).waitFor();
    const chosen = "/wangxi/look/theme?theme=garden";
    await admin.inspect("theme", chosen);
    await admin.inspect("theme-article", `${chosen}&page=article`);
    const frame = page.frameLocator("iframe[name=theme-preview]");
    for (const [name, words] of [["列表页", ".stage"], ["文章页", ".stage article"], ["首页", ".stage"]]) {
      await page.getByRole("link", { name, exact: true }).click();
      await frame.locator(words).first().waitFor();
      assert.notEqual(await frame.locator("body").evaluate((one) => getComputedStyle(one).backgroundColor), "rgb(255, 255, 255)", "in its own style");
    }
    await page.emulateMedia({ colorScheme: "dark" });
    await admin.go(chosen);
    await shoot(page, "console-theme-dark-1280");
    await page.emulateMedia({ colorScheme: "light" });
    await admin.go(chosen);
    await page.getByRole("button", { name: "更换主题" }).click();
    await admin.sees("主题已更换");
    // It is told how far it has come, until it is done.
    await until(async () => (await page.getByText("正在更新全站网页").count()) === 0);
    const { page: visitor, close } = await open(browser, { bypassCSP: true });
    const site = `${demo.site("wangxi")}/`;
    await visit(visitor, site);
    assert.match(await visitor.content(), /\/assets\/_garden\/theme\.css/);
    for (const width of [1280, 360]) {
      await visitor.setViewportSize({ width, height: 900 });
      await assertFits(visitor, `the other theme at ${width}`);
      await shoot(visitor, `theme-worn-${width}`);
    }
    await assertAccessible(visitor, "the other theme");
    await admin.go("/wangxi/look/theme?theme=standard");
    await page.getByRole("button", { name: "更换主题" }).click();
    await admin.sees("主题已更换");
    await until(async () => {
      await visit(visitor, site);
      return /\/assets\/_standard\/theme\.css/.test(await visitor.content());
    });
    await close();
    admin.isQuiet();
  });

  test("a colour is seen before it is saved, and then on every page of the site", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/qingyu/look");
    await page.getByLabel("标语").fill("青山如屿");
    await page.getByLabel("主色").fill("#7a3b00");
    await page.getByLabel("主色").dispatchEvent("change");
    const frame = page.frameLocator("iframe[name=look-preview]");
    const colour = () => frame.locator("html").evaluate((root) => getComputedStyle(root).getPropertyValue("--primary").trim());
    await until(async () => (await colour().catch(() => "")) === "#7a3b00");
    await page.getByRole("button", { name: "保存" }).click();
    await admin.sees("外观已保存");
    const { page: visitor, close } = await open(browser);
    await until(async () => {
      await visit(visitor, `${demo.site("qingyu")}/`);
      return (await visitor.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--primary").trim())) === "#7a3b00";
    });
    await close();
    admin.isQuiet();
  });
});

// A new site is made by the wizard, prepared out of sight, and opened with its first articles on it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible, assertFits, open, shoot, tabTo, visit } from "./browser.mjs";
import { until } from "./demo.mjs";
import { write } from "./people.mjs";
import { stage } from "./stage.mjs";

const { demo, browser, people } = await stage();

const TITLE = "锦川市河东区人民政府门户网站今日开通";
const STEPS = [
  { 网站全称: "锦川市河东区人民政府", 网站简称: "河东区", 站点标识: "hedong", 单位名称: "锦川市河东区人民政府办公室", 机构代码: "99010900X", 联系电话: "0990-5559090" },
  { 主域名: "www.hedong-demo.gov.cn", 政府网站标识码: "9901090001", ICP备案编号: "锦ICP备99000009号-1", 公安机关备案号: "锦公网安备 99010902000009号" },
  { 编辑: "wangxi-editor", 审核员: "wangxi-review1，wangxi-review2，wangxi-review3" },
];

describe("the way of a new site", () => {
  const fill = async (page, step) => {
    for (const [label, words] of Object.entries(STEPS[step])) await page.getByLabel(label, { exact: false }).first().fill(words);
    if (step === 2) await page.getByRole("radio", { name: /政府门户网站/ }).check();
  };
  const reach = (step) => async (page) => {
    for (let at = 0; at < step; at += 1) {
      await fill(page, at);
      await page.getByRole("button", { name: "下一步" }).click();
    }
  };

  test("every step is accessible, and says what is missing at its field", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("site-new-mistakes", "/sites/new", {
      prepare: async (page) => {
        await page.getByRole("button", { name: "下一步" }).click();
        await page.getByRole("alert").waitFor();
      },
    });
    for (const step of [0, 1, 2, 3]) await admin.inspect(`site-new-${step + 1}`, "/sites/new", { prepare: reach(step) });
  });

  test("people are found by a piece of their name, one after another", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/sites/new");
    await reach(2)(page);
    const field = page.getByLabel("审核员", { exact: false }).first();
    const offered = page.getByRole("group", { name: "可选的审核员" });
    await field.fill("");
    for (const one of ["wangxi-review1", "wangxi-review2"]) {
      await field.pressSequentially(one.slice(0, -3) + one.slice(-1));
      await offered.getByText("没有这样的姓名").waitFor();
      for (let at = 0; at < 3; at += 1) await page.keyboard.press("Backspace");
      await offered.getByRole("button", { name: one }).click();
    }
    assert.match(await field.inputValue(), /^[^，]+（wangxi-review1），[^，]+（wangxi-review2），$/);
    admin.isQuiet();
  });

  test("the browser's way back leads to the step before, with what was typed", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/sites/new");
    await reach(2)(page);
    await page.getByRole("heading", { level: 2, name: "模板与人员" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { level: 2, name: "域名与备案" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { level: 2, name: "基本信息" }).waitFor();
    assert.equal(await page.getByLabel("网站简称").inputValue(), "河东区");
    admin.isQuiet();
  });

  test("the administrator makes it by keyboard, from the list of sites", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("");
    await tabTo(page, page.getByRole("link", { name: "新建站点" }));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/sites\/new$/);
    for (const step of [0, 1, 2]) {
      await fill(page, step);
      await tabTo(page, page.getByRole("button", { name: "下一步" }));
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 2, name: ["域名与备案", "模板与人员", "确认"][step] }).waitFor();
    }
    await page.getByText(/（wangxi-review1）、.+（wangxi-review2）、.+（wangxi-review3）/).waitFor();
    await page.getByRole("button", { name: "创建站点" }).press("Enter");
    await admin.sees(/站点已建好，尚未开通/);
    admin.isQuiet();
    await admin.inspect("site-new-state", "/hedong/state");
  });

  test("nobody sees it until it is opened", async () => {
    const { page } = await people.stranger();
    await visit(page, `${demo.site("hedong")}/`, 503);
  });

  test("its first articles are written and approved by three people each", async () => {
    for (const [name, title] of [["要闻动态", TITLE], ["信息公开指南", "河东区政府信息公开指南"], ["机构职能", "河东区人民政府工作部门"]]) {
      const editor = await people.signedIn("wangxi-editor");
      const { page } = editor;
      await editor.go("/hedong/resources/new");
      const channel = page.locator("#channel");
      await channel.selectOption(await channel.locator("option", { hasText: name }).first().getAttribute("value"));
      await page.locator("#title").fill(title);
      await page.locator("#source").fill("河东区人民政府办公室");
      await write(page, ["今日起，公众可通过门户网站查阅政策、办理事项。"]);
      await page.getByRole("button", { name: "保存并送审" }).click();
      await editor.sees(/已送审/);
      await people.approve(editor.path(), ["wangxi-review1", "wangxi-review2", "wangxi-review3"]);
    }
  });

  test("it opens with one press, with all that was published, in the look of its template", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("site-new-ready", "/hedong/state");
    await admin.go("/hedong/state");
    await admin.page.getByRole("button", { name: "开通站点" }).press("Enter");
    await admin.sees(/站点已开通/);
    admin.isQuiet();
    await until(async () => {
      const { page } = await people.stranger();
      await visit(page, `${demo.site("hedong")}/yaowen/`);
      return (await page.getByRole("link", { name: TITLE }).count()) > 0;
    });
    const visitor = await open(browser, { bypassCSP: true });
    await visit(visitor.page, `${demo.site("hedong")}/zwgk/`);
    for (const width of [1280, 360]) {
      await visitor.page.setViewportSize({ width, height: 900 });
      await assertFits(visitor.page, `the new site at ${width} px`);
      await assertAccessible(visitor.page, `the new site at ${width} px`);
      await shoot(visitor.page, `new-site-${width}`);
    }
    await visitor.close();
  });
});

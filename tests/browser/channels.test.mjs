// What a site's administrator arranges: the channel tree by keyboard and by dragging, and the names that editors choose from.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { open, tabTo, visit } from "./browser.mjs";
import { until } from "./demo.mjs";
import { stage } from "./stage.mjs";

const { demo, browser, people } = await stage();

const names = (page) => page.locator("ol.tree .tree-what a").evaluateAll((links) => links.map((link) => link.lastChild.textContent.trim()));

describe("the channel tree", () => {
  test("its screens are accessible and fit a phone, mistakes included", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("channels", "/wangxi/channels");
    await admin.inspect("dictionary", "/wangxi/dictionary");
    await admin.inspect("channel-new-mistakes", "/wangxi/channels/new", {
      status: 200,
      prepare: async (page) => {
        await page.getByRole("button", { name: "新建栏目" }).click();
        await page.getByRole("alert").waitFor();
      },
    });
  });

  test("an administrator adds a channel and moves it by keyboard, and the navigation of the site follows", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/wangxi/channels");
    await page.getByRole("link", { name: "新建栏目" }).click();
    await page.getByLabel("栏目名称").fill("回应关切");
    await page.getByLabel("网址名").fill("hygq");
    await page.getByLabel("栏目类别").selectOption("回应关切");
    await page.getByLabel("栏目描述").fill("回应社会关注的热点问题");
    await page.getByLabel("栏目关键词").fill("热点，回应");
    await page.getByRole("button", { name: "新建栏目" }).click();
    await page.getByText("栏目已新建").waitFor();
    const last = (await names(page)).length - 1;
    assert.equal((await names(page))[last], "回应关切");

    const up = page.getByRole("button", { name: "上移“回应关切”" });
    await tabTo(page, up, 200);
    for (const step of [1, 2]) {
      const shown = page.waitForEvent("load");
      await page.keyboard.press("Enter");
      await shown;
      assert.equal((await names(page))[last - step], "回应关切", `it stands ${step} higher`);
      assert.ok(await up.evaluate((button) => button === document.activeElement), "the button can be pressed again at once");
    }

    const visitor = await open(browser);
    await until(async () => {
      await visit(visitor.page, demo.site("wangxi"));
      const shown = await visitor.page.locator("nav").first().innerText();
      return shown.indexOf("回应关切") > 0 && shown.indexOf("回应关切") < shown.indexOf("走进望溪");
    });
    await visitor.context.close();
  });

  test("a review step is given to a group, and the form says when nobody in it may review", async () => {
    const security = await people.signedIn("security");
    for (const [group, member] of [["新闻审核组", "wangxi-review2"], ["新成立的组", null]]) {
      await security.go("/wangxi/people/groups/new");
      await security.page.getByLabel("名称").fill(group);
      if (member) await security.page.getByRole("group", { name: "成员" }).getByText(member).click();
      await security.page.getByRole("button", { name: "新建工作组" }).click();
      await security.sees("工作组已新建");
    }
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/wangxi/channels");
    await page.getByRole("link", { name: /级 回应关切$/ }).click();
    const whose = (number) => page.getByLabel(`第${number}个环节由谁审核`);
    await whose(1).selectOption({ label: "新成立的组（无人可审核）" });
    await whose(2).selectOption({ label: "新闻审核组（1人可审核）" });
    await page.getByLabel("栏目名称").fill("");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByRole("alert").getByText("请填写栏目名称").waitFor();
    assert.match(await whose(2).locator("option:checked").innerText(), /新闻审核组/, "what was chosen is kept");
    await page.getByText("“新成立的组”中没有可在本站审核的人员").waitFor();
    const channel = admin.path();
    await page.getByLabel("栏目名称").fill("回应关切");
    await page.getByRole("button", { name: "保存" }).click();
    await admin.sees("栏目已保存");
    await admin.inspect("channel-groups", channel);
  });

  test("a row dragged onto another stands below it", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/wangxi/channels");
    const row = (name) => page.locator(".tree-row", { has: page.getByRole("link", { name: new RegExp(`级 ${name}$`) }) });
    const target = row("互动交流");
    await row("回应关切").locator(".tree-handle").dragTo(target);
    await page.getByText("已移动").waitFor();
    const below = await row("回应关切").getAttribute("class");
    assert.match(below, /tree-depth-2/);
    assert.equal(await row("回应关切").getAttribute("data-parent"), await target.getAttribute("data-id"));
  });
});

// People and agencies: who manages people takes them in, changes what they may do, makes groups and looks at the workload.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { People } from "./people.mjs";

let demo;
let browser;
let people;
let newcomer;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  people = new People(browser, demo);
});

after(async () => {
  await people?.leave();
  await browser?.close();
  await demo?.stop();
});

/** The roles that are ticked for the whole of where somebody works. */
const roles = (page) => page.getByRole("region", { name: /角色$/ });

describe("people and agencies", () => {
  test("their empty screens are accessible and fit a phone", async () => {
    const security = await people.signedIn("security");
    await security.inspect("groups-empty", "/wangxi/people/groups");
    await security.inspect("people", "/people");
    await security.inspect("people-none", "/people?q=nobody");
    await (await people.signedIn("admin")).inspect("agencies", "/agencies");
  });

  test("the platform makes a new person with a password that is shown once, and their site takes them in", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/people");
    await page.getByRole("link", { name: "添加人员" }).first().click();
    const made = page.getByRole("region", { name: "新建账号" });
    await made.getByLabel("姓名").fill("林小满");
    await made.getByLabel("用户名").fill("林小满");
    await made.getByRole("button", { name: "新建账号" }).click();
    await page.getByRole("alert").getByText("用户名为3至30个").waitFor();
    assert.equal(await made.getByLabel("姓名").inputValue(), "林小满", "what was typed is kept");
    await made.getByLabel("用户名").fill("linxiaoman");
    await made.getByRole("button", { name: "新建账号" }).click();
    const password = await page.locator(".once").innerText();
    assert.equal(password.length, 16);
    await page.getByRole("link", { name: "查看该人员" }).click();
    await page.getByRole("heading", { name: "林小满", level: 1 }).waitFor();

    await security.go("/wangxi/people/new");
    await page.getByText("新账号由安全管理员建立").waitFor();
    assert.equal(await page.getByRole("button", { name: "新建账号" }).count(), 0);
    await page.getByLabel("用户名").fill("linxiaoman");
    await page.getByRole("button", { name: "添加", exact: true }).click();
    await page.getByRole("alert").getByText("请至少选择一个角色").waitFor();
    assert.equal(await page.getByLabel("用户名").inputValue(), "linxiaoman", "what was typed is kept");
    await page.getByLabel("编辑", { exact: true }).check();
    await page.getByRole("button", { name: "添加", exact: true }).click();
    await page.getByRole("heading", { name: "林小满", level: 1 }).waitFor();

    newcomer = await people.stranger();
    await newcomer.go("/sign-in");
    await newcomer.page.locator('input[name="username"]').fill("linxiaoman");
    await newcomer.page.locator('input[name="password"]').fill(password);
    await newcomer.page.getByRole("button", { name: "登录" }).click();
    await newcomer.page.getByRole("heading", { name: "修改密码" }).waitFor();
    await people.choosePassword(newcomer.page, password, "Lin-Xiao-Man-26");
    await newcomer.page.getByRole("heading", { name: "工作台" }).waitFor();
    await security.inspect("people-known", "/wangxi/people/new");
    await security.inspect("people-new-mistakes", "/people/new", {
      prepare: async (window) => {
        await window.getByRole("button", { name: "新建账号" }).click();
        await window.getByRole("alert").waitFor();
      },
    });
  });

  test("from a site a new account is made for it with its roles on one screen, and a lost password is reset on its page", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/wangxi/people/new");
    await page.getByRole("link", { name: "新建账号" }).click();
    await page.getByRole("group", { name: "在“望溪区”的角色" }).waitFor();
    await security.inspect("people-new-for-site", "/people/new?site=wangxi");
    await page.getByLabel("姓名").fill("周望");
    await page.getByLabel("用户名").fill("zhouwang");
    await page.getByLabel("编辑", { exact: true }).check();
    await page.getByRole("button", { name: "新建账号" }).click();
    const first = await page.locator(".once").innerText();
    await page.getByRole("link", { name: "查看该人员" }).click();
    await page.getByRole("heading", { name: "周望", level: 1 }).waitFor();
    assert.ok(await roles(page).getByLabel("编辑", { exact: true }).isChecked());

    await security.go("/people?q=zhouwang");
    await page.getByRole("link", { name: "周望" }).click();
    await page.getByText("重置密码").first().click();
    await security.inspect("person-reset", new URL(page.url()).pathname.replace(/^\/console/, ""), {
      prepare: (window) => window.getByText("重置密码").first().click(),
    });
    await page.getByRole("button", { name: "重置密码" }).press("Enter");
    await page.getByRole("heading", { name: "密码已重置", level: 1 }).waitFor();
    assert.notEqual(await page.locator(".once").innerText(), first);
    security.isQuiet();
  });

  test("roles are changed by keyboard, and a group is made of people of the site", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/wangxi/people?q=linxiaoman");
    await page.getByRole("link", { name: "林小满" }).click();
    await roles(page).getByLabel("审核员").focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "保存角色" }).press("Enter");
    await security.sees("角色已保存");
    assert.ok(await roles(page).getByLabel("审核员").isChecked());
    assert.ok(await roles(page).getByLabel("审计管理员").isDisabled(), "who audits is not for those who are audited to choose");

    await security.go("/wangxi/people/groups/new");
    await page.getByLabel("名称").fill("新闻审核组");
    await page.getByLabel("职责").fill("审核要闻动态");
    await page.getByLabel("林小满").check();
    await page.getByRole("button", { name: "新建工作组" }).click();
    await security.sees("工作组已新建");
    await page.getByRole("link", { name: "新闻审核组" }).click();
    const group = security.path();
    await security.inspect("groups", "/wangxi/people/groups");
    await security.inspect("group", group);
    await security.inspect("site-people", "/wangxi/people");
  });

  test("a person's page and the workload are accessible and fit a phone", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/wangxi/people?q=wangxi-editor");
    await page.locator(".lines-name a").click();
    const site = security.path();
    await security.inspect("person", site);
    await security.inspect("person-platform", site.replace("/wangxi", ""));
    await security.inspect("workload", "/wangxi/people/workload?period=quarter&by=written");
    await security.go("/wangxi/people/workload");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "导出 Excel" }).click()]);
    assert.match(download.suggestedFilename(), /工作量-\d{8}\.xlsx$/);
  });

  test("an agency's contacts are changed, mistakes are told at their fields", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/agencies");
    await page.locator(".lines-name a").first().click();
    const address = admin.path();
    await page.getByLabel("邮政编码").fill("12");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByRole("alert").getByText("邮政编码为6位数字").waitFor();
    await page.getByLabel("邮政编码").fill("990001");
    await page.getByRole("button", { name: "保存" }).click();
    await admin.sees("联系方式已保存");
    await admin.inspect("agency", address);
  });

  test("who is removed from the site is refused on their next request", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/wangxi/people?q=linxiaoman");
    await page.getByRole("link", { name: "林小满" }).click();
    await page.getByText("移出本站", { exact: true }).first().click();
    await page.getByRole("button", { name: "移出本站" }).click();
    await security.sees("已移出");
    await newcomer.go("/wangxi", 404);
  });
});

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

  test("a role of the city's own is made, chosen like any other, changed, and not taken away while somebody holds it", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.inspect("roles-none", "/people/roles");
    await security.go("/people/roles");
    await page.getByRole("link", { name: "新建角色" }).click();
    await page.getByLabel("名称").fill("信息公开专员");
    await page.getByLabel("紧急下架", { exact: true }).check();
    await page.getByRole("button", { name: "新建角色" }).click();
    await page.getByRole("alert").getByText("不属于业务角色的权限").waitFor();
    assert.equal(await page.getByLabel("名称").inputValue(), "信息公开专员", "what was typed is kept");
    await page.getByLabel("紧急下架", { exact: true }).uncheck();
    await page.getByLabel("撰写", { exact: true }).check();
    await page.getByRole("button", { name: "新建角色" }).click();
    await security.sees("角色已新建");
    await security.inspect("roles", "/people/roles");
    await security.inspect("role-new-mistakes", "/people/roles/new", {
      prepare: async (window) => {
        await window.getByRole("button", { name: "新建角色" }).click();
        await window.getByRole("alert").waitFor();
      },
    });

    await security.go("/wangxi/people?q=linxiaoman");
    await page.getByRole("link", { name: "林小满" }).click();
    await roles(page).getByLabel("信息公开专员", { exact: true }).check();
    await page.getByRole("button", { name: "保存角色" }).click();
    await security.sees("角色已保存");
    await page.getByRole("link", { name: "查看其权限及依据" }).click();
    await page.getByText("信息公开专员（望溪区，长期）").first().waitFor();
    await security.inspect("rights", security.path());

    await security.go("/people/roles");
    await page.getByRole("link", { name: "信息公开专员" }).click();
    const address = security.path();
    await page.getByRole("region", { name: "担任人员" }).getByText("林小满").waitFor();
    await page.getByLabel("推送", { exact: true }).check();
    await page.getByRole("button", { name: "保存" }).click();
    await security.sees("角色已保存");
    await security.inspect("role", address);
    await security.go(address);
    await page.getByText("删除角色", { exact: true }).first().click();
    await page.getByRole("button", { name: "删除角色" }).click();
    await page.getByRole("alert").getByText("仍有人担任“信息公开专员”：林小满").waitFor();
  });

  test("who may do what is told by act and by person, and whoever is refused is led to what they may do", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.inspect("rights-who-none", "/wangxi/people/rights");
    await security.go("/people/rights");
    await page.getByLabel("事项", { exact: true }).selectOption({ label: "推送" });
    await page.getByLabel("站点", { exact: true }).selectOption({ label: "望溪区" });
    await page.getByRole("region", { name: "按事项查" }).getByRole("button", { name: "查看" }).click();
    await page.getByText("信息公开专员（望溪区，长期）").waitFor();
    await security.inspect("rights-who", "/people/rights?act=push&site=wangxi");
    await newcomer.go("/wangxi/people", 403);
    await newcomer.page.getByRole("link", { name: "查看我的权限" }).click();
    await newcomer.page.getByRole("heading", { name: "我的权限" }).waitFor();
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

// The life of an account: invited, at the door, with a password of one's own; locked, and unlocked by who manages people.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { People } from "./people.mjs";

const OWN = "Lin-Xiao-Man-26";

let demo;
let browser;
let people;
let password;
let person;

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

async function enter(page, username, typed) {
  await page.locator('input[name="username"]').fill(username);
  await page.locator('input[name="password"]').fill(typed);
  await page.getByRole("button", { name: "登录" }).click();
  await page.waitForLoadState();
}

describe("accounts", () => {
  test("who is invited signs in, chooses a password of their own before anything else, and works", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/people/new?site=wangxi");
    await page.getByLabel("姓名").fill("林小满");
    await page.getByLabel("用户名").fill("linxiaoman");
    await page.getByLabel("编辑", { exact: true }).check();
    await page.getByRole("button", { name: "新建账号" }).click();
    password = await page.locator(".once").innerText();
    await security.go("/people?state=invited");
    await page.getByRole("link", { name: "林小满" }).click();
    await page.getByText("已邀请").first().waitFor();
    person = security.path();
    await security.inspect("account-invited", person);

    const newcomer = await people.stranger();
    await newcomer.go("/wangxi/library");
    await enter(newcomer.page, "linxiaoman", password);
    await newcomer.page.getByRole("heading", { name: "修改密码", level: 1 }).waitFor();
    await newcomer.page.getByRole("status").getByText("首次登录").waitFor();
    await newcomer.inspect("password-first", "/me/password?next=/console/wangxi/library");
    // Whatever else is asked for leads back here.
    await newcomer.page.goto(`${demo.console}/wangxi`);
    assert.equal(newcomer.path(), "/me/password");
    await people.choosePassword(newcomer.page, password, "duanmima");
    await newcomer.page.getByRole("alert").getByText("密码至少10个字符").waitFor();
    assert.equal(await newcomer.page.getByLabel("当前密码").inputValue(), "", "no password is sent back");
    await newcomer.inspect("password-mistakes", "/me/password", {
      prepare: async (window) => {
        await people.choosePassword(window, password, "duanmima");
        await window.getByRole("alert").waitFor();
      },
    });
    // By keyboard alone.
    const current = newcomer.page.getByLabel("当前密码");
    await current.focus();
    for (const typed of [password, OWN, OWN]) {
      await newcomer.page.keyboard.insertText(typed);
      await newcomer.page.keyboard.press("Tab");
    }
    await newcomer.page.keyboard.press("Enter");
    await newcomer.page.getByRole("heading", { name: "工作台" }).first().waitFor();

    await newcomer.page.getByRole("link", { name: /我的账号：\s*林小满/ }).click();
    await newcomer.page.getByRole("heading", { name: "我的账号", level: 1 }).waitFor();
    await newcomer.page.getByText("登录成功").first().waitFor();
    await newcomer.page.getByRole("link", { name: "修改密码" }).click();
    await newcomer.page.getByRole("link", { name: "取消" }).click();
    await newcomer.page.getByRole("heading", { name: "我的账号", level: 1 }).waitFor();
  });

  test("one's own account shows where one is signed in, and the others are signed out", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const elsewhere = await people.stranger();
    await elsewhere.go("/sign-in");
    await people.enter(elsewhere.page, "wangxi-editor");
    await editor.inspect("me", "/me");
    await editor.go("/me");
    await editor.page.getByRole("button", { name: "退出其他登录" }).press("Enter");
    await editor.sees("其他登录已全部退出");
    await elsewhere.page.goto(`${demo.console}/wangxi`);
    assert.equal(elsewhere.path(), "/sign-in");
    editor.isQuiet();
  });

  test("too many failures lock the account, and security lets the person in again", async () => {
    const comer = await people.stranger();
    await comer.go("/sign-in");
    for (let tried = 0; tried < 5; tried++) await enter(comer.page, "linxiaoman", "cuo-wu-mi-ma-1");
    await comer.page.getByRole("alert").getByText("已暂停登录").waitFor();
    await enter(comer.page, "linxiaoman", OWN);
    await comer.page.getByRole("alert").getByText("已暂停登录").waitFor();

    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/people?state=locked");
    await page.getByRole("link", { name: "林小满" }).click();
    await security.inspect("account-locked", person, {
      prepare: (window) => window.getByText("解除锁定").first().click(),
    });
    await security.go(person);
    await page.getByText("解除锁定").first().click();
    await page.getByRole("button", { name: "解除锁定" }).press("Enter");
    await security.sees("已解除锁定");
    security.isQuiet();
    await enter(comer.page, "linxiaoman", OWN);
    await comer.page.getByRole("heading", { name: "工作台" }).first().waitFor();
  });
});

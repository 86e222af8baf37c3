// What stands on one's own account besides the password: how one is reached, and the tokens that programs ask with.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { People } from "./people.mjs";

let demo;
let browser;
let people;

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

describe("one's own account", () => {
  test("how one is reached is typed, told where it is wrong, and shown masked", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/me");
    await page.getByRole("link", { name: "修改联系方式" }).click();
    await page.getByLabel("手机号").fill("1381234");
    await page.getByLabel("电子邮箱").fill("lin@example.gov.cn");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByRole("alert").getByText("手机号为11位数字").waitFor();
    assert.equal(await page.getByLabel("手机号").inputValue(), "1381234", "what was typed is there still");
    await page.getByLabel("手机号").fill("138 1234 5678");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByText("联系方式已保存").waitFor();
    await page.getByText("138****5678").waitFor();
    await editor.inspect("me-contact", "/me/contact");
    await editor.inspect("me", "/me");
  });

  test("a token is made, shown once, used and revoked, and whoever manages people sees it", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.inspect("tokens-none", "/me/tokens");
    await editor.go("/me/tokens");
    await page.getByLabel("名称").fill("政务数据交换平台");
    await page.getByLabel("查看").check();
    await page.getByRole("button", { name: "生成令牌" }).click();
    const token = await page.locator(".once").innerText();
    assert.match(token, /^tyk_[0-9a-f]{64}$/);
    const answer = await fetch(`${demo.console.replace("/console", "")}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await answer.json()).username, "wangxi-editor");
    await editor.inspect("tokens", "/me/tokens");

    const security = await people.signedIn("security");
    await security.go("/people?q=wangxi-editor");
    await security.page.locator("main tbody a").first().click();
    await security.page.getByText("政务数据交换平台", { exact: true }).waitFor();
    await security.inspect("person-tokens", security.path());

    await editor.go("/me/tokens");
    await page.getByRole("button", { name: /撤销/ }).click();
    await page.getByText("令牌已撤销").waitFor();
    await page.getByText("还没有令牌").waitFor();
  });
});

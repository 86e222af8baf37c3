// Two steps at the door: a passkey that the browser holds, recovery codes, an app; and who one is, confirmed before a grave deed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

/** A device that holds passkeys, in the place of a person's finger. */
async function device(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  return { verifies: (isUserVerified) => devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }) };
}

describe("the second factor", async () => {
  const { demo, people } = await stage();
  let codes;

  test("a passkey is made, and opens the door after the password", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    const finger = await device(page);
    await editor.inspect("factors-none", "/me/factors");
    await editor.go("/me");
    await page.getByRole("link", { name: "设置二次验证" }).click();
    await page.getByRole("link", { name: "添加通行密钥" }).click();
    await page.getByLabel("名称").fill("办公电脑");
    await finger.verifies(false);
    await page.getByRole("button", { name: "创建通行密钥" }).click();
    await page.getByRole("status").getByText("没有完成验证").waitFor();
    await finger.verifies(true);
    await page.getByRole("button", { name: "创建通行密钥" }).press("Enter");
    await page.getByRole("heading", { name: "恢复码", level: 1 }).waitFor();
    codes = await page.locator(".recovery code").allInnerTexts();
    assert.equal(codes.length, 10);
    await page.getByRole("link", { name: "已保存，继续" }).click();
    await page.getByRole("link", { name: "办公电脑" }).waitFor();
    await editor.inspect("factors", "/me/factors");
    await editor.inspect("factor-passkey", "/me/factors/passkey");
    await editor.inspect("factor-app", "/me/factors/app");
    await editor.inspect("factor", `/me/factors/${await page.getByRole("link", { name: "办公电脑" }).getAttribute("href").then((href) => href.split("/").at(-1))}`);

    await editor.go("/me/factors");
    await page.getByRole("button", { name: "退出" }).first().click();
    await page.locator('input[name="username"]').fill("wangxi-editor");
    await page.locator('input[name="password"]').fill(demo.account("wangxi-editor").password);
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByRole("heading", { name: "二次验证", level: 1 }).waitFor();
    await page.goto(`${demo.console}/wangxi`);
    assert.equal(editor.path(), "/sign-in", "nobody is in yet");
    await page.goto(`${demo.console}/sign-in/second?next=/console/wangxi`);
    await page.getByRole("button", { name: "使用通行密钥验证" }).press("Enter");
    await page.waitForURL(`${demo.console}/wangxi`);
    editor.isQuiet();
  });

  test("who has no device at hand comes in with a recovery code, without script too", async () => {
    const comer = await people.stranger();
    await comer.go("/sign-in");
    await comer.page.locator('input[name="username"]').fill("wangxi-editor");
    await comer.page.locator('input[name="password"]').fill(demo.account("wangxi-editor").password);
    await comer.page.getByRole("button", { name: "登录" }).click();
    await comer.inspect("second-step", "/sign-in/second");
    await comer.page.goto(`${demo.console}/sign-in/second`);
    await comer.page.getByLabel("恢复码").fill("bu-dui");
    await comer.page.getByRole("button", { name: "验证并登录" }).click();
    await comer.page.getByRole("alert").getByText("验证没有通过").waitFor();
    await comer.page.getByLabel("恢复码").fill(codes[0]);
    await comer.page.keyboard.press("Enter");
    await comer.page.getByRole("heading", { name: "工作台" }).first().waitFor();
  });

  test("security sees who has a second factor and resets what was lost", async () => {
    const security = await people.signedIn("security");
    await security.go("/people?q=wangxi-editor");
    await security.page.getByRole("link", { name: demo.account("wangxi-editor").duty.split(" ").at(-1), exact: true }).first().click();
    await security.page.getByText("已设置 1 种").waitFor();
    const person = security.path();
    await security.inspect("person-factors", person, { prepare: (window) => window.getByText("重置二次验证").first().click() });
    await security.go(person);
    await security.page.getByText("重置二次验证").first().click();
    await security.page.getByRole("button", { name: "重置二次验证" }).press("Enter");
    await security.sees("二次验证已重置");
    security.isQuiet();
  });
});

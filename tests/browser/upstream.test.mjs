// Signing in through a service above us, which is a standard provider: registered, linked, and used by a browser that follows every step of it.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { enterThere, provider } from "./provider.mjs";
import { stage } from "./stage.mjs";

const NAME = "省统一身份认证平台";

/** What whoever is signed in is called. */
async function name(page) {
  return (await page.locator(".bar-name").innerText()).split("：").at(-1).trim();
}

describe("signing in through a service above us", async () => {
  const { demo, browser, people } = await stage();
  const issuer = await provider(`${demo.console}/sign-in/via/province/back`);

  test("security registers it, with what its groups hold", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.inspect("upstreams-none", "/upstreams");
    await security.inspect("upstream-new", "/upstreams/new");
    await security.inspect("upstream-new-citizens", "/upstreams/new", { prepare: (page) => page.getByLabel("社会公众").check() });
    await security.go("/upstreams/new");
    await page.getByLabel("名称", { exact: false }).first().fill(NAME);
    await page.getByLabel("服务地址").fill("http://id.example.gov.cn");
    await page.getByRole("button", { name: "登记认证服务" }).click();
    await page.getByRole("alert").getByText("请填写以 https:// 开头的完整服务地址").waitFor();
    assert.equal(await page.locator("#name").inputValue(), NAME, "nothing is lost");
    await page.locator("#key").fill("province");
    await page.locator("#issuer").fill(issuer);
    await page.locator("#client").fill("tongyuan");
    await page.locator("#secret").fill("shengji-pingtai-de-miyao");
    await page.locator("#scopes").fill("openid groups");
    await page.locator("#claim").fill("groups");
    await page.getByRole("group", { name: "第 1 条" }).getByLabel("上级的组").fill("审核组");
    await page.getByRole("group", { name: "第 1 条" }).getByLabel("角色").selectOption({ label: "审核员" });
    await page.getByRole("group", { name: "第 1 条" }).getByLabel("范围").selectOption("wangxi");
    await page.getByRole("button", { name: "登记认证服务" }).click();
    await security.sees("认证服务已保存");
    await security.inspect("upstreams", "/upstreams");
    await security.inspect("upstream", "/upstreams/province");
    const shown = await page.request.get(`${demo.console}/upstreams/province`);
    assert.ok((await shown.text()).includes(`${demo.console}/sign-in/via/province/back`));
  });

  test("an editor links their account, and comes in by it from then on", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.inspect("me-unlinked", "/me");
    await editor.go("/me");
    await editor.page.getByRole("button", { name: /^关联/ }).click();
    await enterThere(editor.page, issuer, "zhang-san");
    await editor.page.waitForURL(/\/console\/me/);
    await editor.sees("上级账号已关联");
    await editor.inspect("me-linked", "/me");

    const context = await browser.newContext();
    after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${demo.console}/sign-in?next=/console/wangxi`);
    await page.getByRole("link", { name: `用“${NAME}”登录` }).press("Enter");
    await enterThere(page, issuer, "zhang-san");
    await page.waitForURL(`${demo.console}/wangxi`);
    await page.goto(`${demo.console}/me`);
    await page.getByText(`登录成功（经${NAME}）`).waitFor();
    await page.goto(`${demo.console}/me/rights`);
    await page.getByText("审核员").first().waitFor();

    const security = await people.signedIn("security");
    await security.go("/people?q=wangxi-editor");
    const href = await security.page.locator('main a[href^="/console/people/"]').filter({ hasText: (await name(page)) }).first().getAttribute("href");
    await security.inspect("person-linked", href.replace("/console", ""));
  });

  test("somebody whom nobody knows is told what to do", async () => {
    const comer = await people.stranger();
    await comer.inspect("sign-in-upstream", "/sign-in");
    await comer.inspect("via-failed", "/sign-in/via/province/back?code=x&state=y", { status: 400 });
    await comer.go("/sign-in");
    await comer.page.getByRole("link", { name: `用“${NAME}”登录` }).click();
    await enterThere(comer.page, issuer, "li-si");
    await comer.page.getByText("该上级账号还没有关联本平台的账号").waitFor();
    await comer.page.getByRole("link", { name: "返回登录页" }).click();
    assert.equal(comer.path(), "/sign-in");
  });
});

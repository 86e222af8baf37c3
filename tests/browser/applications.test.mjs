// Other systems sign their people in through us, as the people see it: an application is registered, asks for somebody, is agreed to, and is
// forgotten again.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { assertQuiet } from "./browser.mjs";
import { stage } from "./stage.mjs";

const NAME = "督查督办系统";
const BACK = "https://dc.example.gov.cn/back";
const FAREWELL = "https://dc.example.gov.cn/bye";

describe("an application", async () => {
  const { demo, people } = await stage();
  const issuer = `http://localhost:${demo.port}/oidc`;
  const known = {};

  /** Where a browser is sent by the application, and what it redeems the code with. */
  async function request() {
    const verifier = randomBytes(32).toString("base64url");
    const asked = {
      response_type: "code", client_id: known.client, redirect_uri: BACK, scope: "openid profile", state: "s", nonce: "n",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256",
    };
    const { authorization_endpoint: endpoint, token_endpoint: tokens } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    return { address: `${endpoint}?${new URLSearchParams(asked)}`, verifier, tokens };
  }

  /** The application itself is not there: its pages are answered here. */
  const answering = (page) => page.route("https://dc.example.gov.cn/**", (route) => route.fulfill({ body: "<title>dc</title>", contentType: "text/html" }));

  test("is registered by security, and its secret shown once", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.inspect("applications-none", "/applications");
    await security.inspect("application-new", "/applications/new");
    await security.go("/applications/new");
    await page.getByLabel("应用名称").fill(NAME);
    await page.locator("#keeper").fill("市政府督查室");
    await page.getByLabel("登录回调地址").fill("http://dc.example.gov.cn/back");
    await page.getByLabel("退出后返回地址").fill(FAREWELL);
    await page.getByLabel("首次登录时征求本人同意").check();
    await page.getByRole("button", { name: "登记应用" }).click();
    await page.getByRole("alert").first().waitFor();
    assert.equal(await page.getByLabel("应用名称").inputValue(), NAME, "nothing is lost");
    await page.getByLabel("登录回调地址").fill(BACK);
    await page.getByRole("button", { name: "登记应用" }).click();
    known.secret = await page.locator(".once").innerText();
    known.client = await page.locator('[data-copied="应用标识"]').innerText();
    assert.equal(await page.locator('[data-copied="服务地址"]').innerText(), issuer);
    await security.inspect("applications", "/applications");
    await page.getByRole("link", { name: "返回应用列表" }).click();
    const href = await page.getByRole("link", { name: NAME }).getAttribute("href");
    await security.inspect("application", href.replace("/console", ""));
    assert.ok(!(await page.content()).includes(known.secret));
  });

  test("asks the person once, who sees what it is told and takes it back on their own account", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await answering(page);
    const { address, verifier, tokens } = await request();
    await editor.inspect("authorize", `/authorize?${address.split("?")[1]}`);
    await page.goto(address);
    await page.getByText(`“${NAME}”（市政府督查室）请求使用您的同源账号登录`).waitFor();
    await page.getByRole("button", { name: "同意并登录" }).press("Enter");
    await page.waitForURL(`${BACK}?**`);
    const code = new URL(page.url()).searchParams.get("code");
    const body = new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: BACK, code_verifier: verifier });
    const authorization = `Basic ${Buffer.from(`${known.client}:${known.secret}`).toString("base64")}`;
    const redeemed = await fetch(tokens, { method: "POST", body, headers: { authorization } });
    assert.equal(redeemed.status, 200);
    known.token = (await redeemed.json()).id_token;

    await page.goto((await request()).address);
    await page.waitForURL(`${BACK}?**`);
    await editor.inspect("me-consents", "/me");
    await editor.go("/me");
    await page.getByRole("button", { name: /^撤回授权/ }).click();
    await page.getByRole("status").first().waitFor();
    await page.goto((await request()).address);
    await page.getByRole("button", { name: "拒绝" }).click();
    await page.waitForURL(`${BACK}?**`);
    assert.equal(new URL(page.url()).searchParams.get("error"), "access_denied");
    assertQuiet(editor.complaints, "an application's request");
  });

  test("sends people out, who are asked unless it says whom it means", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.inspect("sign-out", "/sign-out");
    await editor.go("/sign-out");
    await page.getByRole("link", { name: "不退出" }).click();
    assert.equal(editor.path(), "/wangxi");
    const { end_session_endpoint: leaving } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    const asked = new URLSearchParams({ id_token_hint: known.token, post_logout_redirect_uri: FAREWELL });
    const sent = await page.request.get(`${leaving}?${asked}`, { maxRedirects: 0 });
    assert.equal(sent.headers().location, FAREWELL);
    await editor.go("");
    assert.equal(editor.path(), "/sign-in");
  });
});

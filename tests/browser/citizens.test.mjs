// 公众用户, as the public meets it: signing in on one site and being known on the next, and 用户中心 at every width.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WIDTHS, assertAccessible, assertFits, assertQuiet, open, shoot, visit } from "./browser.mjs";
import { until } from "./demo.mjs";
import { enterThere, provider, showThere } from "./provider.mjs";
import { stage } from "./stage.mjs";

const PHONE = "13800138000";
const SERVICE = "省政务服务统一身份认证";

const { demo, browser, people } = await stage();
const center = demo.site("user");

/** The code that was sent last: the demo writes messages to its log. */
async function code(before) {
  const sent = () => [...demo.log().matchAll(/验证码(\d{6})/g)].map((found) => found[1]);
  await until(() => sent().length > before);
  return sent().at(-1);
}

/** When each was sent a code: within a minute there is no second one. */
const asked = new Map();

const count = () => [...demo.log().matchAll(/验证码(\d{6})/g)].length;

/** Asks for a code on the page that is open, as somebody with a script, who has nothing to solve. */
async function ask(page, recipient) {
  await sleep(Math.max(0, (asked.get(recipient) ?? 0) + 61_000 - Date.now()));
  asked.set(recipient, Date.now());
  const before = count();
  await page.getByLabel("手机号或电子邮箱").fill(recipient);
  await page.getByRole("status").filter({ hasText: "已通过" }).waitFor();
  await page.getByRole("button", { name: "获取验证码" }).click();
  await page.getByRole("heading", { name: "填写验证码" }).waitFor();
  return code(before);
}

describe("a citizen", () => {
  let visitor;
  before(async () => { visitor = await open(browser, { width: 360 }); });
  after(() => visitor.close());

  test("registers on the way from one site, comes back to the page, and is known on another without typing anything", async () => {
    const { page, complaints } = visitor;
    await visit(page, `${demo.site("wangxi")}/zwgk/`);
    await page.getByRole("link", { name: "登录", exact: true }).click();
    await page.waitForURL(/user\.localhost/);
    const sent = await ask(page, PHONE);
    await shoot(page, "citizen-code-360");
    await page.getByLabel("验证码").fill(sent);
    await page.getByRole("button", { name: "下一步" }).click();
    await page.getByLabel("称呼").fill("李明");
    await page.getByLabel("已满14周岁", { exact: true }).check();
    await page.getByLabel(/我已阅读并同意/).check();
    await shoot(page, "citizen-register-360");
    await page.getByRole("button", { name: "注册", exact: true }).click();
    await page.waitForURL(`${demo.site("wangxi")}/zwgk/`);
    await page.getByRole("link", { name: "李明，进入用户中心" }).waitFor();
    await shoot(page, "citizen-known-360");
    assertQuiet(complaints, page.url());

    await visit(page, `${demo.site("qingyu")}/`);
    await page.getByRole("link", { name: "登录", exact: true }).click();
    await page.waitForURL(`${demo.site("qingyu")}/`);
    await page.getByRole("link", { name: "李明，进入用户中心" }).click();
    await page.getByRole("heading", { name: "李明，您好" }).waitFor();
    assertQuiet(complaints, page.url());
  });

  test("finds every screen of 用户中心 fit for a phone and a desk, in light and dark, and open to everybody", async () => {
    const screens = ["", "profile", "profile/recipient", "security", "security/password", "data", "data/close", "confirm", "terms"];
    await inspectAll(visitor, ...screens);
  });

  test("keeps what was typed where something is wrong, and is told at the field", async () => {
    const { page } = visitor;
    await visit(page, `${center}/security/password`);
    await page.getByLabel("新密码").fill("abc");
    await page.getByLabel("再输入一次").fill("abc");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByRole("alert").filter({ hasText: "密码至少10个字符" }).waitFor();
    assert.equal(await page.getByLabel("新密码").getAttribute("aria-invalid"), "true");
  });

  test("agrees to what another system is told, sees that on 登录与安全, and takes it back", async () => {
    const back = "https://ywtb.example.gov.cn/back";
    const security = await people.signedIn("security");
    await security.go("/applications/new");
    await security.page.getByLabel("应用名称").fill("不动产登记网上办");
    await security.page.locator("#keeper").fill("市自然资源和规划局");
    await security.page.locator("#contact").fill("0551-12345678");
    await security.page.locator("#purpose").fill("用于办理不动产登记时识别本人和通知进度");
    await security.page.getByLabel("社会公众，用统一用户中心的账号登录").check();
    await security.page.getByLabel("登录回调地址").fill(back);
    await security.page.getByRole("button", { name: "登记应用" }).click();
    const client = await security.page.locator('[data-copied="应用标识"]').innerText();
    const issuer = await security.page.locator('[data-copied="服务地址"]').innerText();
    assert.equal(issuer, `${center}/oidc`);
    await security.inspect("applications-of-citizens", "/applications");

    const asked = new URLSearchParams({
      response_type: "code", client_id: client, redirect_uri: back, scope: "openid profile phone", state: "s", nonce: "n",
      code_challenge: "a".repeat(43), code_challenge_method: "S256",
    });
    await inspectAll(visitor, `authorize?${asked}`);
    const { page, complaints } = visitor;
    await page.route("https://ywtb.example.gov.cn/**", (route) => route.fulfill({ body: "<title>yw</title>", contentType: "text/html" }));
    await page.goto(`${issuer}/authorize?${asked}`);
    await page.getByText("账号编号和实名等级（用于识别是您本人）、称呼、手机号").waitFor();
    await page.getByRole("button", { name: "同意并登录" }).press("Enter");
    await page.waitForURL(`${back}?**`);
    assert.ok(new URL(page.url()).searchParams.get("code"));
    await visit(page, `${center}/security`);
    await shoot(page, "citizen-consents-360");
    await page.getByRole("button", { name: /^撤回授权/ }).click();
    await page.getByRole("status").filter({ hasText: "授权已撤回" }).waitFor();
    assertQuiet(complaints, page.url());
  });

  test("signs out on all sites at once", async () => {
    const { page } = visitor;
    await visit(page, `${center}/`);
    await page.getByRole("button", { name: "退出登录" }).click();
    await page.getByRole("status").filter({ hasText: "各网站同时退出" }).waitFor();
    await visit(page, `${demo.site("wangxi")}/zwgk/`);
    await page.getByRole("link", { name: "登录", exact: true }).waitFor();
  });
});

describe("staff", () => {
  test("find a citizen by the whole of their phone and by nothing less, and nothing of it stands in an address", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.inspect("citizens", "/citizens");
    await seek(page, "李明");
    await page.getByText("请填写11位手机号或电子邮箱").waitFor();
    assert.equal(await page.locator("#asked").inputValue(), "李明", "nothing is lost");
    await seek(page, "13800138001");
    await page.getByText("没有查到账号").waitFor();
    await seek(page, PHONE);
    await page.waitForURL(/\/citizens\/\d+$/);
    await page.getByText("138****8000").waitFor();
    await security.inspect("citizen", security.path());
    security.isQuiet();
  });

  test("suspend one, who is told why on the way in, and let them in again", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    const path = security.path();
    const opened = async (one) => one.locator("details.fold").evaluate((fold) => { fold.open = true; });
    await security.inspect("citizen-to-suspend", path, { prepare: opened });
    await page.locator("summary", { hasText: "停用账号" }).click();
    await page.getByLabel("停用原因").fill("冒用13900139000的身份");
    await page.getByRole("button", { name: "停用账号" }).click();
    await page.locator("#reason-problem").waitFor();
    assert.equal(await page.getByLabel("停用原因").inputValue(), "冒用13900139000的身份", "nothing is lost");
    await page.getByLabel("停用原因").fill("多次冒用他人名义提交诉求");
    await page.getByRole("button", { name: "停用账号" }).click();
    await security.sees("账号已停用");
    await security.inspect("citizen-suspended", path);
    await isTold();
    await page.getByRole("button", { name: "恢复账号" }).click();
    await security.sees("账号已恢复");
    security.isQuiet();
  });
});

/** Asks for somebody. */
async function seek(page, asked) {
  await visit(page, `${demo.console}/citizens`);
  await page.locator("#asked").fill(asked);
  await page.getByRole("button", { name: "查找" }).click();
  await page.waitForLoadState();
}

/** Comes in by a code as somebody who is suspended, and reads why not. */
async function isTold() {
  const { page, close } = await open(browser, { bypassCSP: true });
  await visit(page, `${center}/sign-in`);
  const sent = await ask(page, PHONE);
  await page.getByLabel("验证码").fill(sent);
  await page.getByRole("button", { name: "下一步" }).click();
  await page.getByRole("heading", { name: "您的账号已停用" }).waitFor();
  await page.getByText("多次冒用他人名义提交诉求").waitFor();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await assertFits(page, `suspended at ${width} px`);
      await shoot(page, `citizen-told-${colorScheme}-${width}`);
      await assertAccessible(page, `suspended at ${width} px, ${colorScheme}`);
    }
  }
  await close();
}

describe("a stranger", () => {
  test("finds the doors fit for a phone and a desk, in light and dark, and open to everybody", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const { page, complaints, close } = await open(browser, { colorScheme });
      const audited = await open(browser, { colorScheme, bypassCSP: true });
      for (const name of ["sign-in", "sign-in?by=password", "guardian", "privacy", "lost"]) {
        await inspect({ page, complaints, audited: audited.page }, name, colorScheme);
      }
      await close();
      await audited.close();
    }
  });

  test("without script sees digits and may hear them, and loses nothing by a wrong guess", async () => {
    const { page, close } = await open(browser, { javaScriptEnabled: false });
    await visit(page, `${center}/sign-in`);
    await page.getByLabel("手机号或电子邮箱").fill(PHONE);
    assert.match(await page.getByRole("link", { name: "播放语音" }).getAttribute("href"), /^\/_human\/sound/);
    await page.getByRole("img", { name: /图片验证码/ }).waitFor();
    await page.getByLabel(/图片或语音中的/).fill("000");
    await page.getByRole("button", { name: "获取验证码" }).click();
    await page.getByText("数字不正确").waitFor();
    assert.equal(await page.getByLabel("手机号或电子邮箱").inputValue(), PHONE);
    await close();
  });
});

describe("a citizen who comes through a service above us", async () => {
  const issuer = await provider(`${center}/sign-in/via/people/back`);
  let visitor;
  before(async () => { visitor = await open(browser, { width: 360 }); });
  after(() => visitor.close());

  test("finds it at the door once security has registered it for the public", async () => {
    const security = await people.signedIn("security");
    const { page } = security;
    await security.go("/upstreams/new");
    await page.getByLabel("社会公众").check();
    assert.equal(await page.locator("#rules").isVisible(), false, "roles are for our own people");
    for (const [field, text] of [
      ["name", SERVICE], ["key", "people"], ["issuer", issuer], ["client", "tongyuan"], ["secret", "shengji-pingtai-de-miyao"],
      ["scopes", "openid level"], ["claim", "real_name_level"], ["said-1", "L2"],
    ]) await page.locator(`#${field}`).fill(text);
    await page.getByRole("button", { name: "登记认证服务" }).click();
    await page.getByRole("alert").getByText("“L2”：请选择实名等级").waitFor();
    assert.equal(await page.locator("#said-1").inputValue(), "L2", "nothing is lost");
    await page.locator("#level-1").selectOption({ label: "高级实名" });
    await page.locator("#secret").fill("shengji-pingtai-de-miyao");
    await page.getByRole("button", { name: "登记认证服务" }).click();
    await security.sees("认证服务已保存");
    await security.inspect("upstreams-citizens", "/upstreams");
    await security.inspect("upstream-citizens", "/upstreams/people");
    await inspectAll(visitor, "sign-in", "sign-in?by=password");
  });

  test("signs in otherwise the first time, confirms, and comes in directly from then on", async () => {
    const { page, complaints } = visitor;
    await visit(page, `${center}/sign-in?next=/profile`);
    await page.getByRole("link", { name: `用“${SERVICE}”登录` }).press("Enter");
    await enterThere(page, issuer, "li-ming");
    await page.getByRole("heading", { name: `首次使用“${SERVICE}”登录` }).waitFor();
    complaints.splice(0);
    await inspectAll(visitor, "sign-in/first?next=%2Fprofile");
    await page.getByRole("link", { name: "登录或注册并关联" }).click();
    const sent = await ask(page, "13900139000");
    await page.getByLabel("验证码").fill(sent);
    await page.getByRole("button", { name: "下一步" }).click();
    await page.getByLabel("称呼").fill("王芳");
    await page.getByLabel("已满14周岁", { exact: true }).check();
    await page.getByLabel(/我已阅读并同意/).check();
    await page.getByRole("button", { name: "注册", exact: true }).click();
    await page.getByRole("heading", { name: "确认关联" }).waitFor();
    await page.getByText("王芳").waitFor();
    await inspectAll(visitor, "link?next=%2Fprofile");
    await page.getByRole("button", { name: "确认关联" }).click();
    await page.waitForURL(`${center}/profile`);
    await visit(page, `${center}/security`);
    await page.getByText("高级实名").waitFor();
    assertQuiet(complaints, page.url());
    await inspectAll(visitor, "security");

    const again = await open(browser, {});
    await visit(again.page, `${center}/sign-in`);
    await again.page.getByRole("link", { name: `用“${SERVICE}”登录` }).click();
    await enterThere(again.page, issuer, "li-ming");
    await again.page.getByRole("heading", { name: "王芳，您好" }).waitFor();
    await again.close();
  });

  test("links and unlinks it on the page of their account", async () => {
    const { page } = visitor;
    await visit(page, `${center}/security`);
    await page.getByRole("button", { name: "解除关联" }).click();
    await page.getByRole("status").filter({ hasText: "已解除关联" }).waitFor();
    await page.getByText("未实名").waitFor();
    await page.getByRole("button", { name: /^关联/ }).click();
    // Whoever is signed in there still is asked again who they are: the last to use the machine may be.
    await showThere(page, issuer, "li-ming");
    await page.getByRole("status").filter({ hasText: "已关联" }).waitFor();
    await page.getByText("高级实名").waitFor();
    await inspectAll(visitor, "sign-in/via/people/back?code=x&state=y");
  });
});

/** Inspects pages as the visitor finds them now, in light and dark. */
async function inspectAll({ context }, ...names) {
  const storageState = await context.storageState();
  for (const colorScheme of ["light", "dark"]) {
    const seen = await open(browser, { storageState, colorScheme });
    const audited = await open(browser, { storageState, colorScheme, bypassCSP: true });
    for (const name of names) await inspect({ ...seen, audited: audited.page }, name, colorScheme);
    await seen.close();
    await audited.close();
  }
}

async function inspect({ page, complaints, audited }, name, colorScheme) {
  const url = `${center}/${name}`;
  for (const one of [page, audited]) await visit(one, url, name.includes("/back?") ? 400 : 200);
  for (const width of WIDTHS) {
    for (const one of [page, audited]) await one.setViewportSize({ width, height: 900 });
    await assertFits(page, url);
    await shoot(page, `citizen-${name.replace(/\W/g, "-").slice(0, 60) || "center"}-${colorScheme}-${width}`);
    await assertAccessible(audited, `${url} at ${width} px, ${colorScheme}`);
  }
  assertQuiet(complaints, url);
}

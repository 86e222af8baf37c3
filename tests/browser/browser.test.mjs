// The checks themselves: a page with every fault there is must not pass them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createServer } from "node:http";
import { assertAccessible, assertFits, assertQuiet, launch, open, tabTo, visit } from "./browser.mjs";

const PAGES = {
  "/good": '<!doctype html><html lang="zh-CN"><title>好</title><link rel="icon" href="data:,"><main><h1>好</h1><p>正文</p></main></html>',
  "/wide": '<!doctype html><html lang="zh-CN"><title>宽</title><main><h1>宽</h1><table width="900"><tr><td>宽</td></tr></table></main></html>',
  "/silent-picture": '<!doctype html><html lang="zh-CN"><title>图</title><main><h1>图</h1><img src="data:,"></main></html>',
  "/tiny-targets": '<!doctype html><html lang="zh-CN"><title>小</title><main><h1>小</h1><button>一</button><br><button>二</button></main><link rel="stylesheet" href="/tiny.css"></html>',
  "/inline-script": '<!doctype html><html lang="zh-CN"><title>内联</title><main><h1>内联</h1><script>1</script></main></html>',
  "/lost-picture": '<!doctype html><html lang="zh-CN"><title>缺</title><main><h1>缺</h1><img alt="缺" src="/none.png"></main></html>',
  "/out-of-reach": '<!doctype html><html lang="zh-CN"><title>远</title><link rel="stylesheet" href="/plain.css"><main><h1>远</h1><a href="/good">好</a><button tabindex="-1">远</button></main></html>',
  "/broken-script": '<!doctype html><html lang="zh-CN"><title>错</title><main><h1>错</h1></main><script src="/broken.js"></script></html>',
};
const FILES = { "/broken.js": ["text/javascript", "nothing.here()"], "/tiny.css": ["text/css", "button{all:unset;font-size:6px;line-height:1}br{display:none}"], "/plain.css": ["text/css", "a:focus{outline:none}"] };

let server;
let browser;
let home;

before(async () => {
  server = createServer((request, response) => {
    const [kind, text] = PAGES[request.url] ? ["text/html; charset=utf-8", PAGES[request.url]] : FILES[request.url] ?? [];
    response.writeHead(text ? 200 : 404, { "content-type": kind ?? "text/plain", "content-security-policy": "default-src 'self'; img-src 'self' data:" });
    response.end(text ?? "not found");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  home = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

test("a good page passes every check", async () => {
  const { page, complaints, close } = await open(browser, { width: 360 });
  await visit(page, `${home}/good`);
  await assertFits(page, "good");
  await page.waitForTimeout(200);
  assertQuiet(complaints, "good");
  await assertAccessible(page, "good");
  await close();
});

test("a page wider than the window is caught", () => caught("/wide", ({ page }) => assertFits(page, "wide"), /900/));
test("a picture without words is caught", () => caught("/silent-picture", ({ page }) => assertAccessible(page, "picture"), /image-alt/));
test("targets too small to touch are caught", () => caught("/tiny-targets", ({ page }) => assertAccessible(page, "tiny"), /target-size/));
test("a violated policy is caught", () => caught("/inline-script", quiet, /Content Security Policy/i));
test("a picture that is not there is caught", () => caught("/lost-picture", quiet, /none\.png/));
test("a script that fails is caught", () => caught("/broken-script", quiet, /nothing is not defined/));
test("what Tab does not lead to is caught", () => caught("/out-of-reach", ({ page }) => tabTo(page, page.getByRole("button"), 5), /does not lead/));
test("a focus that cannot be seen is caught", () => caught("/out-of-reach", ({ page }) => tabTo(page, page.getByRole("link"), 5), /does not show/));
test("an unexpected status is caught", async () => {
  const { page, close } = await open(browser);
  await assert.rejects(visit(page, `${home}/none`));
  await visit(page, `${home}/none`, 404);
  await close();
});

async function quiet({ page, complaints }) {
  await page.waitForTimeout(200);
  assertQuiet(complaints, page.url());
}

async function caught(path, check, reason) {
  const window = await open(browser, { width: 360 });
  await visit(window.page, home + path);
  await assert.rejects(async () => check(window), reason);
  await window.close();
}

// Notices in a real browser: an emergency at the top of every page until it is put away, mourning that moves nothing, and the
// screens on which times and notices are arranged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WIDTHS, assertAccessible, assertFits, assertQuiet, open, shoot, visit } from "./browser.mjs";
import { until } from "./demo.mjs";
import { stage } from "./stage.mjs";

const { demo, browser } = await stage();
const admin = await open(browser, { bypassCSP: true });
await visit(admin.page, `${demo.console}/sign-in`);
await admin.page.fill('input[name="username"]', "admin");
await admin.page.fill('input[name="password"]', demo.account("admin").password);
await admin.page.getByRole("button", { name: "登录" }).click();
await admin.page.waitForLoadState();

test("an emergency notice is seen once on every page, by keyboard put away, and stays away for the visit", async () => {
  await put("/wangxi/notices", "发布紧急公告", { title: "台风红色预警", text: "请减少外出。\n学校停课。", link: "/tzgg/" });
  for (const width of WIDTHS) {
    for (const path of ["/", "/yaowen/", "/sitemap.html", "/no-such-page.html"]) {
      const status = path === "/no-such-page.html" ? 404 : 200;
      const visitor = await open(browser, { width });
      const url = `${demo.site("wangxi")}${path}`;
      await visit(visitor.page, url, status);
      const notice = visitor.page.getByRole("region", { name: "紧急公告" });
      await notice.waitFor();
      assert.equal(await visitor.page.locator("[data-emergency]").count(), 1, url);
      await assertFits(visitor.page, url);
      await shoot(visitor.page, `emergency-${path.replace(/\W/g, "") || "home"}-${width}`);
      await notice.getByRole("button").focus();
      await visitor.page.keyboard.press("Enter");
      await notice.waitFor({ state: "hidden" });
      await visit(visitor.page, demo.site("wangxi"));
      assert.equal(await notice.isVisible(), false, "it came back on the next page");
      assertQuiet(visitor.complaints, url);
      await visitor.close();
    }
    const auditor = await open(browser, { width, bypassCSP: true });
    for (const path of ["/", "/sitemap.html"]) {
      await visit(auditor.page, `${demo.site("wangxi")}${path}`);
      await auditor.page.getByRole("region", { name: "紧急公告" }).waitFor();
      await assertAccessible(auditor.page, `${path} with an emergency at ${width} px`);
    }
    await auditor.close();
  }
  const plain = await open(browser, { javaScriptEnabled: false });
  await visit(plain.page, demo.site("wangxi"));
  assert.equal(await plain.page.getByRole("region", { name: "紧急公告" }).count(), 1, "without a script");
  assert.equal(await plain.page.getByRole("button", { name: "我已知晓" }).count(), 0);
  await plain.close();
});

test("mourning turns pages grey and moves nothing", async () => {
  for (const site of ["wangxi", "qingyu"]) {
    const visitor = await open(browser);
    const url = `${demo.site(site)}/yaowen/`;
    const look = async () => {
      await visit(visitor.page, url);
      return visitor.page.evaluate(() => ({
        filter: getComputedStyle(document.documentElement).filter,
        places: [...document.querySelectorAll("header, main, footer, h1")].map((element) => element.getBoundingClientRect().toJSON()),
      }));
    };
    const before = await look();
    assert.equal(before.filter, "none");
    await put(`/${site}/notices`, "开启全站灰色显示", { title: "国家公祭日" });
    await until(async () => (await look()).filter === "grayscale(1)");
    if (site === "qingyu") assert.deepEqual((await look()).places, before.places, "something moved");
    await shoot(visitor.page, `mourning-${site}`);
    assertQuiet(visitor.complaints, url);
    await visitor.close();
  }
});

test("the screens of times and notices are accessible and fit a phone", async () => {
  const { page } = admin;
  await visit(page, `${demo.console}/wangxi/placements`);
  const placement = await page.locator("td.lines-title a").first().getAttribute("href");
  await visit(page, new URL(placement, demo.console).href);
  await page.getByLabel("置顶至").fill("2099-01-01T08:00:00");
  await page.getByRole("button", { name: "置顶", exact: true }).click();
  await page.getByText("已更新置顶安排").waitFor();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of ["/wangxi/schedules", "/wangxi/placements", placement.replace("/console", ""), "/wangxi/notices", "/notices"]) {
      await visit(page, `${demo.console}${path}`);
      for (const summary of await page.locator("main summary").all()) await summary.click();
      await assertFits(page, path);
      await assertAccessible(page, `${path} at ${width} px`);
      await shoot(page, `time${path.replace(/\W/g, "-")}-${width}`);
    }
  }
  assertQuiet(admin.complaints, "the console");
});

/** Puts a notice up at once with the form of that name. */
async function put(path, form, { title, text, link }) {
  const { page } = admin;
  await visit(page, `${demo.console}${path}`);
  const part = page.locator("details", { has: page.getByText(form, { exact: true }) });
  await part.locator("summary").click();
  await part.locator('[name="title"]').fill(title);
  if (text) await part.locator('[name="text"]').fill(text);
  if (link) await part.locator('[name="link"]').fill(link);
  await part.locator('button[type="submit"]').click();
  await page.getByText("公告已保存").waitFor();
}

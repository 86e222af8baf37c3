// The public pages of the four demo sites, as a visitor meets them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WIDTHS, assertAccessible, assertFits, assertQuiet, open, shoot, visit } from "./browser.mjs";
import { stage } from "./stage.mjs";

const SITES = ["jinchuan", "wangxi", "qingyu", "donglan"];

/** What each page must carry besides what all carry. The first resource listed under `first` stands for its kind. */
const PAGES = [
  { name: "home", path: "/", tags: "column" },
  { name: "list", path: "/yaowen/", tags: "column" },
  { name: "openness", path: "/zwgk/", tags: "column" },
  { name: "policies", path: "/zwgk/zcwj/", tags: "column" },
  { name: "article", first: "/yaowen/", tags: "article" },
  { name: "policy", first: "/zwgk/zcwj/", tags: "article" },
  { name: "sitemap", path: "/sitemap.html", tags: "site" },
  { name: "missing", path: "/no-such-page.html", tags: "site", status: 404 },
];

const SITE_TAGS = ["SiteName", "SiteDomain", "SiteIDCode"];
const COLUMN_TAGS = ["ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"];
const ARTICLE_TAGS = ["ArticleTitle", "PubDate", "ContentSource"];
const TAGS = {
  site: SITE_TAGS,
  column: [...SITE_TAGS, ...COLUMN_TAGS],
  article: [...SITE_TAGS, ...COLUMN_TAGS, ...ARTICLE_TAGS],
};

const { demo, browser } = await stage();

for (const site of SITES) {
  describe(site, () => {
    for (const width of WIDTHS) {
      describe(`at ${width} px`, () => {
        const windows = {};
        before(async () => {
          windows.visitor = await open(browser, { width });
          // axe has a window of its own: it is injected past the content security policy that the visitor's window obeys.
          windows.auditor = await open(browser, { width, bypassCSP: true });
        });
        after(() => Promise.all(Object.values(windows).map((window) => window.close())));

        for (const page of PAGES) test(page.name, () => inspect(windows, site, page, width));
        test("the first Tab leads to the content", () => skipLink(windows.visitor, site));
        test("长者模式 is kept from page to page", () => elderMode(windows, site, width));
      });
    }
    test("head and foot are the same on every page", () => frame(site));
    test("the channel menu opens by keyboard on a phone", () => phoneMenu(site));
  });
}

async function inspect({ visitor, auditor }, site, { name, tags, status = 200, ...where }, width) {
  const { page, complaints } = visitor;
  const url = await address(page, site, where);
  await visit(page, url, status);
  await assertFits(page, url);
  await assertTags(page, TAGS[tags], url);
  await assertFoot(page, url);
  await shoot(page, `${site}-${name}-${width}`);
  assertQuiet(complaints, url);
  await visit(auditor.page, url, status);
  await assertAccessible(auditor.page, `${url} at ${width} px`);
}

/** A page's address; that of a resource is taken from the list it stands in. */
async function address(page, site, { path, first }) {
  if (path) return demo.site(site) + path;
  await visit(page, demo.site(site) + first);
  const links = await page.locator("main a").evaluateAll((all) => all.map((link) => link.href));
  const found = links.find((link) => new URL(link).pathname.startsWith(first) && link.endsWith(".html"));
  assert.ok(found, `${site} lists nothing under ${first}`);
  return found;
}

async function assertTags(page, wanted, where) {
  const tags = await page.locator("meta[name]").evaluateAll((all) => all.map((meta) => [meta.getAttribute("name"), meta.content]));
  for (const name of wanted) {
    const values = tags.filter(([found]) => found === name).map(([, value]) => value.trim());
    assert.equal(values.length, 1, `${where}: ${name} is there ${values.length} times`);
    assert.notEqual(values[0], "", `${where}: ${name} is empty`);
  }
  const value = (name) => tags.find(([found]) => found === name)?.[1];
  assert.match(value("SiteIDCode"), /^(\d{10}|bm\d{8})$/, where);
  if (wanted.includes("PubDate")) assert.match(value("PubDate"), /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/, where);
}

/** What the rules of page design ask of every foot: the mark of a party or government body, 找错, code, owner, filings, map. */
async function assertFoot(page, where) {
  const foot = page.getByRole("contentinfo");
  const text = (await foot.innerText()).replace(/\s+/g, "");
  const code = await page.locator('meta[name="SiteIDCode"]').getAttribute("content");
  for (const wanted of ["党政机关网站标识", "我为政府网站找错", `网站标识码：${code}`, "站点地图"]) {
    assert.ok(text.includes(wanted), `${where}: the foot lacks ${wanted}`);
  }
  assert.match(text, /主办单位：\p{Script=Han}{4,}/u, where);
  assert.match(text, /联系电话：[\d-]{7,}/, where);
  assert.match(text, /ICP备\d{8}号/, where);
  assert.match(text, /公网安备\d{14}号/, where);
  for (const link of [
    "//bszs.conac.cn", `//zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=${code}`, "//beian.miit.gov.cn", "//beian.mps.gov.cn", "/sitemap.html",
  ]) {
    assert.equal(await foot.locator(`a[href*="${link}"]`).count(), 1, `${where}: the foot has no link to ${link}`);
  }
}

async function elderMode({ visitor, auditor }, site, width) {
  const { page, complaints } = visitor;
  const button = page.getByRole("button", { name: "长者模式" });
  const pressed = () => button.getAttribute("aria-pressed");
  const size = () => page.locator("main").evaluate((main) => parseFloat(getComputedStyle(main.querySelector("a, p, li")).fontSize));
  await visit(page, `${demo.site(site)}/`);
  assert.equal(await pressed(), "false");
  const usual = await size();
  await button.press("Enter");
  assert.equal(await pressed(), "true");
  assert.ok(await size() > usual, "the letters did not grow");
  await assertFits(page, `${site} home in 长者模式`);
  await shoot(page, `${site}-home-elder-${width}`);
  await visit(page, await address(page, site, { first: "/yaowen/" }));
  assert.equal(await pressed(), "true", "forgotten on the next page");
  await assertFits(page, `${site} article in 长者模式`);
  await shoot(page, `${site}-article-elder-${width}`);
  await page.reload();
  assert.equal(await pressed(), "true", "forgotten after loading again");
  await button.press("Enter");
  await page.reload();
  assert.equal(await pressed(), "false", "cannot be left");
  assertQuiet(complaints, `${site} in 长者模式`);
  await visit(auditor.page, `${demo.site(site)}/`);
  await auditor.page.getByRole("button", { name: "长者模式" }).click();
  await assertAccessible(auditor.page, `${site} home in 长者模式 at ${width} px`);
}

async function skipLink({ page }, site) {
  await visit(page, `${demo.site(site)}/`);
  await page.keyboard.press("Tab");
  const skip = page.locator(":focus");
  assert.match(await skip.innerText(), /跳到/);
  const box = await skip.boundingBox();
  assert.ok(box && box.y >= 0 && box.x >= 0 && box.height > 10, "the skip link is not visible when it has the focus");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.matches("main, main *"));
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => Boolean(document.activeElement?.closest("main"))), "the next Tab is not in the content");
}

async function frame(site) {
  const window = await open(browser);
  try {
    const { page } = window;
    const seen = new Map();
    for (const { name, status, ...where } of PAGES) {
      await visit(page, await address(page, site, where), status);
      const words = (role) => page.getByRole(role).first().innerText();
      seen.set(name, { head: await words("banner"), foot: await words("contentinfo") });
    }
    for (const [name, words] of seen) assert.deepEqual(words, seen.get("home"), `${name} differs from home`);
  } finally {
    await window.close();
  }
}

async function phoneMenu(site) {
  const window = await open(browser, { width: 360 });
  try {
    const { page, complaints } = window;
    await visit(page, `${demo.site(site)}/`);
    const menu = page.getByRole("button", { name: "栏目" });
    const first = page.getByRole("navigation", { name: "主导航" }).getByRole("link").first();
    assert.equal(await first.isVisible(), false, "the menu is open before it is asked for");
    await menu.press("Enter");
    assert.equal(await menu.getAttribute("aria-expanded"), "true");
    await first.waitFor({ state: "visible" });
    await assertFits(page, `${site} home with its menu open`);
    await shoot(page, `${site}-home-menu-360`);
    await page.keyboard.press("Escape");
    assert.equal(await menu.getAttribute("aria-expanded"), "false");
    await first.waitFor({ state: "hidden" });
    assertQuiet(complaints, `${site} menu`);
  } finally {
    await window.close();
  }
}

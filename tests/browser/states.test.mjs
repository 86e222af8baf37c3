// A site's life: made out of sight, opened, offline with its notice and back, announced to close; every screen and every notice.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible, assertFits, open, shoot, visit } from "./browser.mjs";
import { until } from "./demo.mjs";
import { stage } from "./stage.mjs";

const NEW = {
  name: "锦川市河东区人民政府", short_name: "河东区", key: "hedong",
  agency_name: "锦川市河东区人民政府办公室", agency_code: "99010900X", agency_phone: "0990-5559090",
  domain: "www.hedong-demo.gov.cn", site_code: "9901090001", icp_number: "锦ICP备99000009号-1", police_number: "锦公网安备 99010902000009号",
  template: "portal", editors: "wangxi-editor", reviewers: "wangxi-review1，wangxi-review2，wangxi-review3",
};

const { demo, browser, people } = await stage();

/** A wall-clock time in Beijing so many days from now, as a field holds it. */
const inDays = (days) => new Date(Date.now() + (days * 24 + 8) * 3_600_000).toISOString().slice(0, 19);

/** A public page at every width, as a visitor finds it. */
async function looks(name, url, status) {
  const visitor = await open(browser, { bypassCSP: true });
  for (const width of [1280, 360]) {
    await visitor.page.setViewportSize({ width, height: 900 });
    await visit(visitor.page, url, status);
    await assertFits(visitor.page, `${name} at ${width} px`);
    await assertAccessible(visitor.page, `${name} at ${width} px`);
    await shoot(visitor.page, `${name}-${width}`);
  }
  await visitor.close();
}

/** Another page of the same site, until it is what is wanted. */
const shows = (url, words) => until(async () => {
  const { page } = await people.stranger();
  await page.goto(url);
  return (await page.getByText(words).count()) > 0;
});

describe("a site that is being prepared", () => {
  test("ends the wizard on what is missing, and shows the public that it is being built", async () => {
    const admin = await people.signedIn("admin");
    await admin.go("/sites/new");
    const answer = await admin.page.evaluate(async (fields) => {
      const _token = document.querySelector('input[name="_token"]').value;
      const body = new URLSearchParams({ ...fields, _token, step: "3" });
      return (await fetch("/console/sites/new/found", { method: "POST", body })).url;
    }, NEW);
    assert.match(answer, /\/console\/hedong\/state\?done=founded$/);
    await admin.inspect("state-preparing", "/hedong/state?done=founded");
    await admin.inspect("state-home", "");
    await shows(`${demo.site("hedong")}/`, "正在建设");
    await looks("shutter-preparing", `${demo.site("hedong")}/yaowen/`, 503);
  });
});

describe("a site that goes offline", () => {
  test("is refused more days than the rule allows, and loses nothing typed", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("state-open", "/wangxi/state");
    await admin.inspect("state-offline-refused", "/wangxi/state", {
      prepare: async (page) => {
        await page.getByText("临时下线", { exact: true }).click();
        await page.locator("#offline-basis").fill("锦政办函〔2026〕12号");
        await page.locator("#offline-until").fill(inDays(31));
        await page.getByRole("button", { name: "发布公告并下线" }).click();
        await page.getByText(/临时下线每次不超过30天/).first().waitFor();
        assert.equal(await page.locator("#offline-basis").inputValue(), "锦政办函〔2026〕12号");
      },
    });
  });

  test("shows its notice at every address, and is back with one press", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/wangxi/state");
    await page.getByText("临时下线", { exact: true }).click();
    await page.locator("#offline-basis").fill("锦政办函〔2026〕12号");
    await page.locator("#offline-until").fill(inDays(3));
    await page.getByRole("button", { name: "发布公告并下线" }).press("Enter");
    await admin.sees(/站点已临时下线/);
    admin.isQuiet();
    await admin.inspect("state-offline", "/wangxi/state");
    await shows(`${demo.site("wangxi")}/zwgk/`, "关于锦川市望溪区人民政府网站临时下线的公告");
    await looks("shutter-offline", `${demo.site("wangxi")}/`, 503);

    await admin.go("/wangxi/state");
    await page.getByRole("button", { name: "恢复访问" }).press("Enter");
    await admin.sees(/站点已恢复访问/);
    const { page: visitor } = await people.stranger();
    await visit(visitor, `${demo.site("wangxi")}/yaowen/`);
    await admin.inspect("state-back", "/wangxi/state");
  });
});

describe("a site that is to close", () => {
  test("says so on its pages, with where its content went, until that is called off", async () => {
    const admin = await people.signedIn("admin");
    const { page } = admin;
    await admin.go("/qingyu/state");
    await page.getByText("关停站点", { exact: true }).click();
    await page.locator("#close-basis").fill("锦政办函〔2026〕13号");
    await page.locator("#close-moved_to").fill("https://www.jinchuan-demo.gov.cn/");
    await page.getByRole("button", { name: "发布关停公告" }).press("Enter");
    await admin.sees(/关停公告已发布/);
    await admin.inspect("state-closing", "/qingyu/state");
    await shows(`${demo.site("qingyu")}/`, "关于锦川市青屿区人民政府网站关停的公告");
    await looks("closing-home", `${demo.site("qingyu")}/`, 200);
    await admin.go("/qingyu/state");
    await page.getByRole("button", { name: "撤销关停，继续运行" }).press("Enter");
    await admin.sees(/已撤销关停/);
    admin.isQuiet();
  });
});

describe("what is recorded of a site", () => {
  test("its screen is accessible and fits a phone, mistakes included", async () => {
    const admin = await people.signedIn("admin");
    await admin.inspect("site-record", "/wangxi/record");
    await admin.inspect("site-record-mistakes", "/wangxi/record", {
      prepare: async (page) => {
        await page.getByLabel("政府网站标识码").fill("123");
        await page.getByRole("button", { name: "保存" }).click();
        await page.getByRole("alert").waitFor();
      },
    });
  });
});

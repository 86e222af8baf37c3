// How the console looks and is reached: dark as well as light, and by keys that are listed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible, assertFits, open, shoot, visit } from "./browser.mjs";
import { stage } from "./stage.mjs";

const { demo, browser, people } = await stage();

describe("dark", () => {
  const seen = (page) => page.evaluate(() => document.documentElement.dataset.bsTheme);

  test("is what the system asks for, and every kind of screen is accessible in it", async () => {
    for (const [username, paths] of [
      ["wangxi-editor", ["/wangxi", "/wangxi/library", "/wangxi/resources/new", "/wangxi/media", "/wangxi/redirects", "/wangxi/offers", "/wangxi/schedules"]],
      ["wangxi-review1", ["/wangxi"]],
      ["admin", ["", "/operations", "/takedown", "/notices", "/wangxi/channels", "/wangxi/channels/new"]],
      ["security", ["/people", "/people/new", "/citizens", "/upstreams", "/upstreams/new"]],
      ["auditor", ["/audit"]],
    ]) {
      const person = await people.signedIn(username);
      const window = await open(browser, { storageState: await person.context.storageState(), colorScheme: "dark", bypassCSP: true });
      for (const path of paths) {
        await visit(window.page, demo.console + path);
        assert.equal(await seen(window.page), "dark");
        for (const width of [1280, 390]) {
          await window.page.setViewportSize({ width, height: 900 });
          await assertFits(window.page, `${path} at ${width} px in the dark`);
          await assertAccessible(window.page, `${path || "/"} at ${width} px in the dark`);
          await shoot(window.page, `dark-${username}${path.replaceAll("/", "-")}-${width}`);
        }
      }
      await window.close();
    }
  });

  test("can be chosen, and stays", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.go("/wangxi");
    assert.equal(await seen(editor.page), "light");
    await editor.page.getByRole("button", { name: "深色" }).click();
    await editor.go("/wangxi/media");
    assert.equal(await seen(editor.page), "dark");
    await editor.page.getByRole("button", { name: "浅色" }).click();
    assert.equal(await seen(editor.page), "light");
    editor.isQuiet();
  });
});

describe("keys", () => {
  test("are listed by one, lead where they say, and can be turned off", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.go("/wangxi/offers");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "键盘快捷键" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("m");
    await page.waitForURL(/\/wangxi\/media$/);
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement?.type), "search");
    await page.keyboard.type("?g");
    assert.equal(await page.getByRole("dialog").count(), 0, "nothing happens while somebody types");
    await editor.go("/wangxi");
    await page.keyboard.press("n");
    await page.waitForURL(/\/resources\/new$/);
    await editor.go("/wangxi");
    await page.getByRole("button", { name: "键盘快捷键" }).click();
    await page.getByLabel("启用单键快捷键").uncheck();
    await page.getByRole("button", { name: "关闭" }).click();
    await page.keyboard.press("?");
    assert.equal(await page.getByRole("dialog").count(), 0);
    editor.isQuiet();
  });

  test("the list of them is accessible", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.inspect("keys", "/wangxi", { prepare: (one) => one.getByRole("button", { name: "键盘快捷键" }).click() });
  });
});

// What is typed is not lost by leaving a form, and what a screen says of something done it says once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./stage.mjs";

const { people } = await stage();

test("a form that keeps nothing of itself is not left with something typed before the browser asks", async () => {
  const admin = await people.signedIn("admin");
  const { page } = admin;
  const asked = [];
  page.on("dialog", (dialog) => asked.push(dialog.type()));
  const forms = [["/sites/new", "#name"], ["/wangxi/record", "#short_name"], ["/wangxi/topics", "#name"]];
  for (const [path, field] of forms) {
    await admin.go(path);
    await page.locator(field).press("End");
    await page.reload();
    assert.deepEqual(asked.splice(0), [], `${path} asks though nothing was typed`);
    await page.locator(field).press("End");
    await page.keyboard.type("新");
    await page.reload();
    assert.deepEqual(asked.splice(0), ["beforeunload"], path);
  }
  // What is sent is on its way, and what is not saved anywhere yet is asked for on the next step as well.
  await admin.go("/sites/new");
  await page.locator("#name").press("End");
  await page.keyboard.type("锦川");
  await page.getByRole("button", { name: "下一步" }).click();
  await page.getByRole("alert").waitFor();
  assert.deepEqual(asked.splice(0), []);
  await page.locator("#name").press("End");
  await page.reload();
  assert.deepEqual(asked.splice(0), ["beforeunload"]);
  admin.isQuiet();
});

test("what was done is told once, and not again when the screen is loaded anew", async () => {
  const admin = await people.signedIn("admin");
  const { page } = admin;
  await admin.go("/wangxi/library?state=live&done=view-saved");
  await admin.sees("已保存为常用视图");
  assert.equal(new URL(page.url()).search, "?state=live");
  await page.reload();
  assert.equal(await page.getByText("已保存为常用视图").count(), 0);
  admin.isQuiet();
});

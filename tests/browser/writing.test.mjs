// Nobody's words are lost: autosave through a closed tab and a lost network, two people at one text, and what is found in a text
// before it is handed in.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { shoot, visit } from "./browser.mjs";
import { stage } from "./stage.mjs";

const { demo, people } = await stage();

describe("autosave", { concurrency: false }, () => {
  test("what is typed is kept without being saved, and gone on with from the desk", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await begin(editor);
    await page.locator("#title").fill("自动保存的新稿件");
    await write(page, "第一段写在断网之前。");
    await kept(page);
    await editor.go("/wangxi");
    await page.getByRole("link", { name: "自动保存的新稿件", exact: true }).click();
    await page.locator("#restored").waitFor();
    assert.equal(await page.locator("#title").inputValue(), "自动保存的新稿件");
    assert.match(await page.locator("#body").inputValue(), /第一段写在断网之前。/);
    editor.isQuiet();
    await editor.inspect("desk-unsaved", "/wangxi");
    await editor.inspect("new-restored", page.url().split("/console")[1]);
    await editor.inspect("working-copy", `/wangxi/working-copies/${new URL(page.url()).searchParams.get("begun")}`);
  });

  test("what is typed without a network survives a closed tab", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await editor.go("/wangxi");
    await editor.press("link", "自动保存的新稿件");
    await editor.page.locator("#restored").waitFor();
    await cutOff(editor);
    await write(editor.page, "第一段写在断网之前。\n\n第二段写在断网之后。");
    await editor.page.locator("#unsaved", { hasText: "网络已断开，内容保存在本机，恢复后自动上传" }).waitFor();
    await reopen(editor);
    editor.complaints.splice(0);

    await editor.go("/wangxi");
    await editor.press("link", "自动保存的新稿件");
    const text = await editor.page.locator("#body").inputValue();
    for (const words of ["第一段写在断网之前。", "第二段写在断网之后。"]) assert.ok(text.includes(words), text);
    await kept(editor.page);
    editor.isQuiet();
  });

  test("when the network is back while the form is open, it is kept by itself", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await editor.context.setOffline(true);
    await write(page, "只在断网时写下的话。");
    await page.locator("#unsaved", { hasText: "网络已断开" }).waitFor();
    await editor.context.setOffline(false);
    await kept(page);
    editor.complaints.splice(0);
    await page.locator('button[name="intent"][value="save"]').click();
    await editor.sees(/草稿已保存/);
    await editor.go("/wangxi");
    assert.equal(await page.getByRole("heading", { name: /暂存的稿件/ }).count(), 0, "what is saved is not left unsaved");
    editor.isQuiet();
  });

  test("whoever comes back to a new text finds it in place, however they come, and it stays one", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    const title = `回到新稿件${"很长的标题".repeat(38)}`;
    const text = () => page.locator("#body").inputValue();
    const isBack = async (words) => {
      await page.locator("#restored", { hasText: "已恢复" }).waitFor();
      assert.equal(await page.locator("#title").inputValue(), title);
      for (const one of words) assert.ok((await text()).includes(one), await text());
      assert.ok((await page.locator(".ProseMirror").innerText()).includes(words.at(-1)), "what is read is what is kept");
      assert.equal(await page.locator("#title").isEditable(), true, "nobody is asked");
    };
    await begin(editor);
    await page.locator("#title").fill(title);
    await write(page, "离开之前写的。");
    // Before anything was kept by the server, and without a word to the form.
    await editor.go("/wangxi");
    await page.goBack();
    await isBack(["离开之前写的。"]);
    await write(page, "离开之前写的。\n\n回来以后写的。");
    await kept(page);
    await page.reload();
    await isBack(["离开之前写的。", "回来以后写的。"]);
    // A browser that laid the page aside whole shows it again as it was then.
    const laidAside = () => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await Promise.all([page.waitForEvent("load"), page.evaluate(laidAside)]);
    await isBack(["离开之前写的。", "回来以后写的。"]);
    // Without a network: what only this browser has.
    await editor.context.setOffline(true);
    await write(page, "离开之前写的。\n\n回来以后写的。\n\n断网时写的。");
    await page.goto("about:blank");
    await editor.context.setOffline(false);
    await page.goBack();
    await isBack(["回来以后写的。", "断网时写的。"]);
    editor.complaints.splice(0);

    await editor.go("/wangxi");
    const line = page.locator("#unsaved").locator("xpath=../..").getByRole("link", { name: title, exact: true });
    assert.equal(await line.count(), 1, "one text, not two");
    assert.ok((await line.boundingBox()).height < 64, "a long title takes two lines");
    await editor.press("link", "新建稿件");
    assert.equal(await page.locator("#title").inputValue(), "", "begun from the menu, a form is empty");
    await editor.sees(/您有 1 篇暂存的新稿件/);
    await page.goBack();
    await line.click();
    await page.locator("#title").fill("回到新稿件");
    await page.locator('button[name="intent"][value="save"]').click();
    await editor.sees(/草稿已保存/);
    const saved = editor.path();
    await page.goBack();
    await page.waitForURL((url) => url.pathname.endsWith(`${saved}/edit`));
    assert.equal(await page.locator("#title").inputValue(), "回到新稿件", "what was saved is found as what it became");
    editor.isQuiet();
  });

  test("a screen that was laid aside whole is drawn anew, unless something is typed in it", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    const laidAside = () => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    await editor.go("/wangxi/library");
    await Promise.all([page.waitForEvent("load"), page.evaluate(laidAside)]);
    await page.locator("summary", { hasText: "常用视图" }).click();
    await page.locator("#name").fill("还没保存的名称");
    await page.evaluate(() => { window.isTheSame = true; });
    await page.evaluate(laidAside);
    await page.waitForTimeout(500);
    assert.equal(await page.evaluate(() => window.isTheSame), true, "what was typed is not lost");
    assert.equal(await page.locator("#name").inputValue(), "还没保存的名称");
    editor.isQuiet();
  });

  test("a new text that never reached the server is in place when its form is come back to", async () => {
    const editor = await people.signedIn("wangxi-editor");
    await begin(editor);
    await cutOff(editor);
    await editor.page.locator("#title").fill("从未到达服务器的稿件");
    await reopen(editor);
    editor.complaints.splice(0);

    const { page } = editor;
    await editor.go("/wangxi/resources/new");
    await page.getByRole("status").filter({ hasText: "从未到达服务器的稿件" }).getByRole("link", { name: "继续编辑" }).click();
    await page.locator("#restored", { hasText: "保存在本机的内容" }).waitFor();
    assert.equal(await page.locator("#title").inputValue(), "从未到达服务器的稿件");
    await kept(page);
    editor.isQuiet();
  });

  test("what reached the server although the network was thought lost is told to be kept", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await begin(editor);
    await page.locator("#title").fill("关闭窗口时才送到的稿件");
    await kept(page);
    await page.evaluate(() => {
      const [name, entry] = Object.entries(localStorage).find(([, value]) => value.includes("关闭窗口时才送到的稿件"));
      localStorage.setItem(name, JSON.stringify({ ...JSON.parse(entry), held: false }));
    });
    await editor.go("/wangxi");
    await editor.press("link", "关闭窗口时才送到的稿件");
    await kept(page);
    editor.isQuiet();
  });

  test("a session that has ended loses nothing: it goes on once somebody has signed in again", async () => {
    const visitor = await people.stranger();
    const { page } = visitor;
    await visitor.go("/sign-in");
    await people.enter(page, "wangxi-editor");
    await begin(visitor);
    await visitor.context.clearCookies();
    await page.locator("#title").fill("登录过期时写的稿件");
    await page.locator("#unsaved", { hasText: "登录已过期，内容保存在本机，重新登录后自动上传" }).waitFor();
    const [other] = await Promise.all([visitor.context.waitForEvent("page"), page.getByRole("link", { name: "在新窗口登录" }).click()]);
    await people.enter(other, "wangxi-editor");
    // What htmx sends before the next autosave goes with the new session, too.
    await page.locator("#title").evaluate((field) => field.dispatchEvent(new Event("change", { bubbles: true })));
    await other.close();
    await kept(page);
    visitor.isQuiet();
  });

  test("unsaved changes of a resource are offered to be restored or discarded", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    const path = await draft(editor, "夜间公交线路调整公告");
    await editor.go(`${path}/edit`);
    await page.locator("#subtitle").fill("没有保存的副标题");
    await kept(page);
    await editor.go(`${path}/edit`);
    await page.locator("#offer").waitFor();
    assert.equal(await page.locator("#subtitle").inputValue(), "");
    assert.equal(await page.locator("#title").isEditable(), false, "nothing is written over it before somebody has chosen");
    assert.equal(await page.locator("#offer").evaluate((one) => one === document.activeElement), true, "the choice comes first");
    await page.getByText("已保存的内容，仅供查看").waitFor();
    for (const part of [".tools", ".dock"]) assert.equal(await page.locator(part).isVisible(), false, `${part} cannot be used`);
    const [editorTop, textTop] = await page.evaluate(() => [".editor", ".ProseMirror"].map((one) => document.querySelector(one).getBoundingClientRect().top));
    assert.ok(textTop - editorTop < 20, "there is no gap where the tools were");
    for (const look of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await shoot(page, `console-offered-${look}-${width}`);
      }
      await page.getByRole("button", { name: /深色|浅色/ }).click();
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await editor.inspect("edit-offered", `${path}/edit`);
    await editor.go(`${path}/edit`);
    await page.getByRole("link", { name: "恢复并继续编辑" }).click();
    assert.equal(await page.locator("#subtitle").inputValue(), "没有保存的副标题");
    await editor.go(`${path}/edit`);
    await page.getByRole("button", { name: "放弃这些修改" }).click();
    await page.waitForLoadState();
    assert.equal(await page.locator("#offer").count(), 0);
    assert.equal(await page.locator("#subtitle").isEditable(), true);
    editor.isQuiet();
  });

  test("what was put right and saved is not told as unsaved, even where an autosave arrives after it", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    const path = await draft(editor, "标题过长的通知");
    await editor.go(`${path}/edit`);
    await page.locator("#subtitle").fill("先自动保存");
    await kept(page);
    await editor.go(`${path}/edit`);
    await page.getByRole("link", { name: "恢复并继续编辑" }).click();
    await page.locator("#title").fill("长".repeat(201));
    const [sent] = await Promise.all([
      page.waitForRequest((request) => /working-copies\/\d+$/.test(request.url()) && request.method() === "POST"),
      page.locator('button[name="intent"][value="save"]').click(),
    ]);
    await page.locator("#problems").waitFor();
    await kept(page);
    await page.locator("#title").fill("标题改短的通知");
    await page.locator('button[name="intent"][value="save"]').click();
    await editor.sees(/草稿已保存/);
    // The same once more, as a slow line would bring it.
    const late = sent.postData().replace(/sequence=\d+/, `sequence=${Date.now()}`);
    const told = await page.evaluate(async ([url, body]) => {
      const token = document.querySelector('input[name="_token"]').value;
      const headers = { "content-type": "application/x-www-form-urlencoded", "x-csrf-token": token };
      return (await fetch(url, { method: "POST", headers, body })).json();
    }, [sent.url(), late]);
    assert.equal(told.state, "saved");
    await editor.go("/wangxi");
    assert.equal(await page.locator(`a[href$="${path}/edit?restore=1"]`).count(), 0);
    await editor.go(`${path}/edit`);
    assert.equal(await page.locator("#offer").count(), 0);
    assert.equal(await page.locator("#title").inputValue(), "标题改短的通知");
    editor.isQuiet();
  });
});

describe("two people at one text", { concurrency: false }, () => {
  test("who comes second reads, takes over, and nobody's words are lost", async () => {
    const first = await people.signedIn("wangxi-editor");
    const second = await people.signedIn("admin");
    const path = await draft(first, "两人同时编辑的通知");
    await first.go(`${path}/edit`);
    await write(first.page, "先来者的第一段。");
    await kept(first.page);

    await second.go(`${path}/edit`, 423);
    assert.match(await second.page.locator("#locked").innerText(), /正在编辑此稿件/);
    assert.match(await second.page.locator("main").innerText(), /两人同时编辑的通知的正文/);
    await second.inspect("locked", `${path}/edit`, { status: 423, prepare: (page) => page.getByText("接手编辑", { exact: true }).click() });
    await write(first.page, "先来者的第一段。\n\n先来者的第二段。");
    await second.page.getByText("接手编辑", { exact: true }).click();
    await second.page.getByRole("button", { name: "确认接手" }).click();
    await second.page.locator("#title").waitFor();

    await first.page.locator("#taken").waitFor({ timeout: 10_000 });
    assert.match(await first.page.locator("#taken").innerText(), /已接手编辑此稿件/);
    assert.equal(await first.page.locator("#title").isEditable(), false);
    assert.equal(await first.page.locator('button[name="intent"][value="save"]').isDisabled(), true);
    await kept(first.page);
    await shoot(first.page, "console-taken-1280");

    await write(second.page, "据此另行安排。");
    await second.page.locator('button[name="intent"][value="save"]').click();
    await second.sees(/草稿已保存/);

    await first.go(`${path}/edit`);
    await first.page.locator("#offer", { hasText: "此后稿件已更新为第2版" }).waitFor();
    await first.page.getByRole("link", { name: "恢复并继续编辑" }).click();
    for (const words of ["先来者的第一段。", "先来者的第二段。"]) assert.ok((await first.page.locator("#body").inputValue()).includes(words));
    await first.page.locator('button[name="intent"][value="save"]').click();
    await first.page.locator("#conflict").waitFor();
    await first.page.locator('button[name="intent"][value="save"]').click();
    await first.sees(/草稿已保存/);
    await first.page.getByText("第3版").first().waitFor();
    await first.go(`${path}/revisions/compare?from=2&to=3`);
    const both = await first.page.locator("main").innerText();
    assert.match(both, /先来者的第二段/);
    assert.match(both, /据此另行安排/);
    first.isQuiet();
    second.isQuiet();
  });
});

describe("what is found in a text", { concurrency: false }, () => {
  test("it is told beside the text, leads to its place, and is confirmed before review", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    const fill = async (one) => {
      await begin({ page: one, go: (path) => visit(one, demo.console + path) });
      await one.locator("#title").fill("截止目前的工作情况");
      await one.locator("#summary").fill("如有疑问，请致电13800138000。");
      await write(one, "各单位要再接再励，截止目前已完成三项。截止目前进展顺利。");
      await one.locator("#found").getByText("疑似手机号码 138****8000").waitFor();
    };
    await editor.inspect("proof", "/wangxi/resources/new", { prepare: fill });
    await fill(page);
    const found = page.locator("#found");
    assert.match(await found.innerText(), /须核对/);
    await page.evaluate(() => document.addEventListener("tongyuan:find", (event) => { window.sought = event.detail; }));
    await found.getByRole("link", { name: "“截止目前”应为“截至目前”" }).last().click();
    assert.deepEqual(await page.evaluate(() => window.sought), { text: "截止目前", occurrence: 1 });
    await found.getByRole("link", { name: /疑似手机号码/ }).click();
    assert.equal(await page.evaluate(() => window.getSelection().toString()), "13800138000");

    await page.locator('button[name="intent"][value="submit"]').click();
    await page.locator("#problems", { hasText: "处须核对" }).waitFor();
    await page.locator("#found").getByText("疑似手机号码").waitFor();
    await page.locator("#problems").getByRole("link", { name: /处须核对/ }).click();
    await page.locator("#looked_at").check();
    await page.locator('button[name="intent"][value="submit"]').click();
    await editor.sees(/已送审/);
    assert.match(await page.locator("main").innerText(), /已核对：/);
    editor.isQuiet();
  });
});

describe("the text on its own site's page", { concurrency: false }, () => {
  test("it is shown as it is typed, in every width", async () => {
    const editor = await people.signedIn("wangxi-editor");
    const { page } = editor;
    await begin(editor);
    await page.locator("#title").fill("只在预览里的标题");
    await write(page, "预览里的正文。");
    await page.getByText("网站效果", { exact: true }).click();
    const shown = page.frameLocator("#as-shown iframe").last();
    await shown.getByRole("heading", { level: 1, name: "只在预览里的标题" }).waitFor();
    await shown.getByText("预览里的正文。").waitFor();
    const font = await shown.locator("h1").evaluate((one) => getComputedStyle(one).fontSize);
    assert.notEqual(font, "32px", "the site's own style sheet has its say");
    for (const name of ["平板", "桌面", "手机"]) {
      await page.getByRole("button", { name, exact: true }).click();
      assert.equal(await page.getByRole("button", { name, exact: true }).getAttribute("aria-pressed"), "true");
    }
    await write(page, "预览里改过的正文。");
    await page.frameLocator("#as-shown iframe").last().getByText("预览里改过的正文。").waitFor();
    await shoot(page, "console-as-shown-1280");
    editor.isQuiet();
    await editor.inspect("as-shown-empty", "/wangxi/resources/new", { prepare: (one) => one.getByText("网站效果", { exact: true }).click() });
  });
});

// ---- What people do ----

async function begin(editor) {
  await editor.go("/wangxi/resources/new");
  const channel = editor.page.locator('select[name="channel"]');
  await channel.selectOption(await channel.locator("option", { hasText: "要闻动态" }).getAttribute("value"));
}

/** Writes into the text as an editor would bring it: the field holds it and says that it changed. */
async function write(page, text) {
  await page.locator("#title").press("End");
  await page.locator("#body").evaluate((field, value) => {
    field.value = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }, text);
}

async function draft(editor, title) {
  const { page } = editor;
  await begin(editor);
  await page.locator("#title").fill(title);
  await write(page, `${title}的正文。`);
  await page.locator('button[name="intent"][value="save"]').click();
  await editor.sees(/草稿已保存/);
  return editor.path();
}

async function kept(page) {
  await page.locator("#unsaved", { hasText: "已自动保存" }).waitFor();
  await page.waitForFunction(() => {
    const entries = Object.keys(localStorage).filter((name) => name.startsWith("tongyuan:draft:"));
    return entries.every((name) => JSON.parse(localStorage.getItem(name)).held);
  });
}

/** The tab is closed while nothing can be sent, and another is opened when the network is back. */
/** What a page sends as it is closed may leave after the browser is told that there is a network again: here it cannot. */
async function cutOff({ context, page }) {
  await context.setOffline(true);
  await page.evaluate(() => { window.fetch = () => Promise.reject(new TypeError("no network")); });
}

async function reopen(editor) {
  await editor.page.close();
  await editor.context.setOffline(false);
  await editor.renew();
  await visit(editor.page, `${demo.console}/wangxi`);
}

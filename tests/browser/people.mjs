// The people of the demo, each in a window of their own, and how a screen of the console is inspected through their eyes.

import { WIDTHS, assertAccessible, assertFits, assertQuiet, heard, open, shoot, visit } from "./browser.mjs";

/** Whoever comes to the console during one test file. */
export class People {
  #browser;
  #demo;
  #known = new Map();

  constructor(browser, demo) {
    this.#browser = browser;
    this.#demo = demo;
  }

  /** Somebody signed in; the same person for the whole file. */
  async signedIn(username) {
    if (this.#known.has(username)) return this.#known.get(username);
    const person = await this.#meet(username);
    await person.go("/sign-in");
    await this.enter(person.page, username);
    person.isQuiet();
    return person;
  }

  /** Somebody nobody knows; the same window for all who come. */
  async stranger() {
    const known = this.#known.get("");
    if (!known) return this.#meet("");
    await known.context.clearCookies();
    return known;
  }

  async enter(page, username) {
    await page.locator('input[name="username"]').fill(username);
    await page.locator('input[name="password"]').fill(this.#demo.account(username).password);
    await page.getByRole("button", { name: "登录" }).click();
    await page.waitForURL((url) => url.pathname !== "/console/sign-in");
  }

  /** Fills in the form that asks for another password. */
  async choosePassword(page, current, password) {
    await page.getByLabel("当前密码").fill(current);
    await page.getByLabel("新密码", { exact: true }).fill(password);
    await page.getByLabel("再次输入新密码").fill(password);
    await page.getByRole("button", { name: "修改密码" }).click();
  }

  /** These approve what waits at a path, one after the other. */
  async approve(path, usernames) {
    for (const username of usernames) {
      const reviewer = await this.signedIn(username);
      await reviewer.go(path);
      await reviewer.page.locator('button[name="verdict"][value="approve"]').click();
      await reviewer.page.waitForLoadState();
      reviewer.isQuiet();
    }
  }

  async leave() {
    for (const person of this.#known.values()) await person.leave();
  }

  async #meet(username) {
    const person = new Person(this.#browser, this.#demo, await open(this.#browser));
    this.#known.set(username, person);
    return person;
  }
}

class Person {
  #browser;
  #demo;
  #windows = new Map();

  constructor(browser, demo, { context, page, complaints, close }) {
    this.#browser = browser;
    this.#demo = demo;
    Object.assign(this, { context, page, complaints, close });
  }

  async leave() {
    for (const window of this.#windows.values()) await window.close();
    await this.close();
  }

  go(path, status = 200) {
    return visit(this.page, this.#demo.console + path, status);
  }

  /** Another tab instead of the one that was closed. */
  async renew() {
    this.page = await heard(this.context, this.complaints);
    return this.page;
  }

  async press(role, name) {
    await this.page.getByRole(role, { name, exact: true }).first().click();
    await this.page.waitForLoadState();
  }

  sees(words) {
    return this.page.getByRole("status").filter({ hasText: words }).first().waitFor();
  }

  isQuiet() {
    assertQuiet(this.complaints, this.page.url());
  }

  /** Where in the console this person is. */
  path() {
    return new URL(this.page.url()).pathname.replace(/^\/console/, "");
  }

  /**
   * A screen at every width, first as it is served, then with axe in a window that lets it in. Nothing of the console asks for
   * the width but its style sheet, so a window is loaded once and then made narrower. What is over sooner than it could be
   * looked at is shown as it was answered once: `still`.
   */
  async inspect(name, path, { status = 200, prepare = async () => {}, widths = WIDTHS, still } = {}) {
    const where = (width) => `${name} (${path || "/"}) at ${width} px`;
    const show = async (page) => {
      await page.setViewportSize({ width: widths[0], height: 900 });
      if (still) await hold(page, this.#demo.console + path, still);
      await visit(page, this.#demo.console + path, status);
      await prepare(page);
    };
    const { page, complaints } = await this.#window("plain", {});
    await show(page);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await assertFits(page, where(width));
      await shoot(page, `console-${name}-${width}`);
      assertQuiet(complaints, where(width));
    }
    const { page: audited } = await this.#window("audited", { bypassCSP: true });
    await show(audited);
    for (const width of widths) {
      await audited.setViewportSize({ width, height: 900 });
      await assertAccessible(audited, where(width));
    }
    if (still) for (const one of [page, audited]) await one.unrouteAll({ behavior: "ignoreErrors" });
  }

  /** Another window of the same person. */
  async #window(name, options) {
    if (!this.#windows.has(name)) {
      const storageState = await this.context.storageState();
      this.#windows.set(name, await open(this.#browser, { storageState, ...options }));
    }
    return this.#windows.get(name);
  }
}

/** Writes a text of these paragraphs in place of the one in the editor. */
export async function write(page, paragraphs) {
  await page.getByRole("textbox", { name: "正文" }).focus();
  await page.keyboard.press("Control+a");
  for (const [at, paragraph] of paragraphs.entries()) {
    if (at > 0) await page.keyboard.press("Enter");
    await page.keyboard.insertText(paragraph);
  }
}

/** What a press leads to, as the server answered it: the screen may have gone on since. */
export async function answerTo(page, address, press) {
  const [response] = await Promise.all([
    page.waitForResponse((one) => address.test(one.url()) && one.request().isNavigationRequest()),
    press(),
  ]);
  return { body: await response.text(), headers: await response.allHeaders() };
}

/** Answers an address with what it once answered, and what it would be followed by with nothing yet. */
async function hold(page, url, { body, headers }) {
  const { "content-encoding": _, "content-length": __, ...kept } = headers;
  await page.route(`${url}/progress`, () => {});
  await page.route(url, (route) => route.fulfill({ status: 200, headers: kept, body }));
}

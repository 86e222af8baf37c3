// The browser, and what every page must withstand: accessibility, no sideways scrolling, no complaint in its console.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The two widths everything is checked at: a desk and a small phone. */
export const WIDTHS = [1280, 360];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/**
 * A person's window. What the browser complains about (script errors, a violated content security policy, requests that fail)
 * is kept in `complaints`.
 */
export async function open(browser, { width = 1280, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: "zh-CN", timezoneId: "Asia/Shanghai", ...options });
  context.setDefaultTimeout(15_000);
  const complaints = [];
  const page = await heard(context, complaints);
  return { context, page, complaints, close: () => context.close() };
}

/** A page whose complaints are heard. */
export async function heard(context, complaints) {
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() !== "error" && !/content security policy/i.test(message.text())) return;
    // Told below, where it is known what was asked for: a page that answers with an error is not a fault by itself.
    if (message.text().startsWith("Failed to load resource")) return;
    complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // Leaving a page stops what it was still asking for.
    if (reason !== "net::ERR_ABORTED") complaints.push(`request: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.request().isNavigationRequest()) complaints.push(`answer: ${response.status()} ${response.url()}`);
  });
  // A form with something typed in it asks before it is left.
  page.on("dialog", (dialog) => dialog.accept());
  return page;
}

/** Goes to an address and expects a status; answers the response. */
export async function visit(page, url, status = 200) {
  const response = await page.goto(url, { waitUntil: "load" });
  assert.equal(response.status(), status, url);
  return response;
}

/** Nothing was complained about since last asked. */
export function assertQuiet(complaints, where) {
  assert.deepEqual(complaints.splice(0), [], `the browser complains on ${where}`);
}

/** No page scrolls sideways. */
export async function assertFits(page, where) {
  const found = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return { scrollWidth, clientWidth, wide: wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)) };
  });
  assert.ok(found.scrollWidth <= found.clientWidth, `${where} is ${found.scrollWidth} px wide in ${found.clientWidth}:\n${found.wide.join("\n")}`);
}

/**
 * axe-core finds nothing. The page must be of a context with `bypassCSP`, because axe is injected; never judge a policy there.
 * All rules of WCAG 2.2 A and AA and the best practices; the size of targets is off in axe unless asked for.
 */
export async function assertAccessible(page, where) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const result = await window.axe.run(document, { rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] });
    return result.violations.map((violation) => ({
      rule: violation.id,
      help: violation.help,
      nodes: violation.nodes.slice(0, 5).map((node) => `${node.target.join(" ")}: ${node.failureSummary.replace(/\s+/g, " ")}`),
    }));
  });
  const told = violations.map(({ rule, help, nodes }) => `${rule}: ${help}\n  ${nodes.join("\n  ")}`).join("\n");
  assert.equal(violations.length, 0, `${where} is not accessible\n${told}`);
}

/** Goes on from where the focus is, by Tab alone, until something has it; what has the focus must be seen to have it. */
export async function tabTo(page, target, most = 80) {
  const reached = () => target.evaluate((element) => element === document.activeElement);
  for (let pressed = 0; !(await reached()); pressed += 1) {
    assert.ok(pressed < most, `Tab does not lead to ${target}`);
    await page.keyboard.press("Tab");
  }
  const { outlineStyle, outlineWidth } = await target.evaluate((element) => getComputedStyle(element));
  assert.ok(outlineStyle !== "none" && parseFloat(outlineWidth) >= 2, `${target} does not show that it has the focus`);
}

/** A picture of the whole page, if pictures are wanted. */
export async function shoot(page, name) {
  const folder = process.env.SHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

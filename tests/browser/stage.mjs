// What the tests of one file are played on: a demo, a browser, and the people who come.

import { after } from "node:test";
import { launch } from "./browser.mjs";
import { startDemo } from "./demo.mjs";
import { People } from "./people.mjs";

/** Set up before the first test of the file, put away after its last. */
export async function stage() {
  const standing = [];
  after(async () => {
    for (const put of standing.reverse()) await put();
  });
  const demo = await startDemo();
  standing.push(() => demo.stop());
  const browser = await launch();
  standing.push(() => browser.close());
  const people = new People(browser, demo);
  standing.push(() => people.leave());
  return { demo, browser, people };
}

// A standard provider in the place of a service above us (`upper.mjs`), and a browser that signs in there.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { after } from "node:test";

/** Starts the provider, which sends people back to `redirect`; gives its address. */
export async function provider(redirect) {
  const port = await new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = server.address();
      server.close(() => found(free));
    });
  });
  const child = spawn(process.execPath, [join(import.meta.dirname, "upper.mjs"), String(port), redirect], { stdio: ["ignore", "pipe", "pipe"] });
  after(() => child.kill());
  let said = "";
  await new Promise((ready, broken) => {
    child.stdout.on("data", (text) => { said += text; if (said.includes("ready")) ready(); });
    child.stderr.on("data", (text) => { said += text; });
    child.once("exit", () => broken(new Error(`the provider ended: ${said}`)));
  });
  return `http://127.0.0.1:${port}`;
}

/** Signs in there as somebody, and agrees that we are told. */
export async function enterThere(page, issuer, name) {
  await showThere(page, issuer, name);
  await page.getByRole("button", { name: "Continue" }).click();
}

/** Shows there who one is, who has agreed before. */
export async function showThere(page, issuer, name) {
  await page.waitForURL((url) => url.origin === issuer);
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill("anything");
  await page.locator('button[type="submit"]').click();
}

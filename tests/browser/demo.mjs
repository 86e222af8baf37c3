// A demo of its own for each test file: fresh data in a temporary folder, on a free port, stopped and thrown away at the end.
//
// To fill one takes a processor seconds, and its pages name the port. So a run of many files has *places* (`run.mjs`), each with
// its port: the first who takes a place fills a demo and leaves a copy of it there, which those who take the place later go on from.

import { execFile, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const binary = resolve(root, process.env.TONGYUAN_BIN || "target/debug/tongyuan");
const patience = 60_000;

/** Starts a demo and waits until it answers. */
export async function startDemo() {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await takePlace());
    } catch (error) {
      // Somebody else took the port between finding it and using it: nobody comes to that place any more.
      if (attempt === 3 || !/address (already )?in use/i.test(error.message)) throw error;
    }
  }
}

/** A place nobody has: its port, where the copy of its demo is kept, and how it is left. */
async function takePlace() {
  const places = process.env.TONGYUAN_DEMOS;
  if (!places) return { port: await freePort(), leave() {} };
  for (let number = 1; ; number += 1) {
    const place = join(places, String(number));
    const taken = join(place, "taken");
    mkdirSync(place, { recursive: true });
    try {
      mkdirSync(taken);
    } catch (error) {
      if (error.code === "EEXIST") continue;
      throw error;
    }
    const noted = join(place, "port");
    if (!existsSync(noted)) writeFileSync(noted, String(await freePort()));
    return { port: Number(readFileSync(noted, "utf8")), filled: join(place, "filled"), leave: () => rmdirSync(taken) };
  }
}

async function start({ port, filled, leave }) {
  const folder = mkdtempSync(join(tmpdir(), "tongyuan-demo-"));
  const data = join(folder, "data");
  if (filled) await fill(filled, folder, port);
  const server = await serve(folder, port);
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    leave();
  };

  const accounts = new Map(JSON.parse(readFileSync(join(data, "accounts.json"), "utf8")).map((account) => [account.username, account]));
  return {
    port,
    site: (site) => address(site, port),
    /** The folder of the published pages. */
    pages: join(data, "pages"),
    console: `http://localhost:${port}/console`,
    /** Runs a command of the binary on the data of this demo, as an operator would. */
    command: (...words) => promisify(execFile)(binary, ["--config", settings(folder, port), ...words], { cwd: root }),
    /** What the server has logged. */
    log: () => server.said.err,
    account(username) {
      const account = accounts.get(username);
      if (!account) throw new Error(`the demo has no account ${username}`);
      return account;
    },
    stop,
  };
}

/** Puts the data of a demo into the folder: what the place keeps, or, for the first who comes there, what it keeps from now on. */
async function fill(filled, folder, port) {
  const copy = (from, to) => cpSync(from, to, { recursive: true, preserveTimestamps: true });
  const data = join(folder, "data");
  if (existsSync(filled)) return copy(filled, data);
  await (await serve(folder, port)).stop();
  copy(data, `${filled}.new`);
  renameSync(`${filled}.new`, filled);
}

/** Runs the demo whose data is in a folder, which it fills if there is none yet, and waits until it answers. */
async function serve(folder, port) {
  const child = spawn(binary, ["demo", "--data", join(folder, "data"), "--port", String(port)], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => child.once("close", done).once("error", done));
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => { said.out += text; });
  child.stderr.on("data", (text) => { said.err += text; });
  let broken = null;
  child.once("error", (error) => { broken = error.message; });
  child.once("exit", (code, signal) => { broken ??= `it ended with ${signal ?? code}`; });

  // However this process ends, the demo does not outlive it.
  const abandon = () => { child.kill("SIGKILL"); rmSync(folder, { recursive: true, force: true }); };
  process.once("exit", abandon);
  const stop = async () => {
    child.kill("SIGTERM");
    const tooSlow = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(tooSlow);
    process.off("exit", abandon);
  };

  for (const began = Date.now(); ; await sleep(100)) {
    if (broken === null && Date.now() - began > patience) broken = `it did not answer within ${patience / 1000} s`;
    if (broken !== null) {
      await stop();
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`the demo did not start: ${broken}\n${binary} said\n${tail(said.out)}\n${tail(said.err)}`);
    }
    // It greets when everything is prepared and it listens.
    if (said.out.includes("Ctrl-C") && (await answer(`${address("jinchuan", port)}/`).catch(() => 0)) === 200) return { said, stop };
  }
}

const address = (site, port) => `http://${site}.localhost:${port}`;

/** A settings file that says what the demo does. */
function settings(folder, port) {
  const [file, data] = [join(folder, "tongyuan.toml"), join(folder, "data")];
  writeFileSync(file, [
    `database = ${JSON.stringify(`sqlite:${join(data, "tongyuan.db")}`)}`,
    `pages = ${JSON.stringify(join(data, "pages"))}`,
    `blobs = ${JSON.stringify(join(data, "blobs"))}`,
    `[web]\npublic_url = "http://{site}.localhost:${port}"\nsecure = false\nsecond_factor = "offered"\nconsole_hosts = ["localhost"]`,
    `[citizens]\naddress = "http://user.localhost:${port}"`,
    `[secrets]\nkeys = ${JSON.stringify(join(data, "keys.toml"))}`,
  ].join("\n"));
  return file;
}

/** The status with which an address of the demo answers, asked without a browser: names below localhost need not resolve. */
export function answer(url) {
  const { hostname, host, port, pathname, search } = new URL(url);
  const target = hostname.endsWith("localhost") ? "127.0.0.1" : hostname;
  return new Promise((done, fail) => {
    request({ host: target, port, path: pathname + search, headers: { host }, timeout: 5_000 }, (response) => {
      response.resume();
      response.once("end", () => done(response.statusCode));
    }).once("error", fail).end();
  });
}

/** Asks again until it is so, for a few seconds. */
export async function until(question, seconds = 15) {
  for (const began = Date.now(); Date.now() - began < seconds * 1_000; await sleep(100)) if (await question()) return;
  throw new Error("it never came");
}

function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer().once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

/** The end of what was said, without colours, every line cut to a readable length. */
const tail = (text) => text.replace(/\x1b\[\d*m/g, "").trim().split("\n").slice(-8).map((line) => line.slice(0, 300)).join("\n");

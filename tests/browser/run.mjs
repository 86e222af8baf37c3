// Runs the browser tests: every `*.test.mjs` here, or those named as arguments (`node run.mjs sites`).
//
// TONGYUAN_BIN  the built binary (default: target/debug/tongyuan)
// CHROMIUM      the browser (default: /usr/bin/chromium)
// SHOTS         a folder for screenshots of everything visited

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const here = import.meta.dirname;
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs"))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)))
  .sort();
if (files.length === 0) throw new Error(`no test file is named like ${wanted.join(" or ")}`);

// Where files leave filled demos to those after them: see `demo.mjs`.
process.env.TONGYUAN_DEMOS = mkdtempSync(join(tmpdir(), "tongyuan-demos-"));
process.once("exit", () => rmSync(process.env.TONGYUAN_DEMOS, { recursive: true, force: true }));

let failed = 0;
let passed = 0;
// One file more than there are processors: each has a demo and a browser of its own, and waits for one or the other most of the time.
run({ files: files.map((name) => join(here, name)), concurrency: availableParallelism() + 1 })
  .on("test:pass", ({ details }) => { if (details.type !== "suite") passed += 1; })
  // A suite fails with its tests, which are counted, or by itself.
  .on("test:fail", ({ details }) => { if (details.error?.failureType !== "subtestsFailed") failed += 1; process.exitCode = 1; })
  .on("end", () => process.nextTick(() => console.log(`browser tests: ${passed} passed, ${failed} failed`)))
  .compose(spec)
  .pipe(process.stdout);

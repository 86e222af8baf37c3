// Audits the licences of everything the project is built and tested with: the crates of Cargo.lock and the packages of every
// package-lock.json. Each must offer terms from the list below; a package that names no licence is refused too.
//
// Not cargo-deny: it is no part of a Rust installation and would have to be built from source in every run, for minutes, to
// answer the one question asked here.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "..");
const LOCKS = ["platform/console/package-lock.json", "tests/browser/package-lock.json"];

/** Licences that ask for no more than notices, or for the sources of their own files (MPL-2.0). */
const ALLOWED = new Set([
  "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MPL-2.0", "OpenSSL",
  "PostgreSQL", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib",
]);

/** Exceptions only ever grant more, but which ones are met should be known. */
const ALLOWED_EXCEPTIONS = new Set(["LLVM-exception"]);

/**
 * Packages whose metadata names their licence loosely, and what the LICENSE file inside them was read to be. Each holds for the
 * exact bytes that were read: another version, or the same one changed, is judged by its metadata again.
 */
const READ = new Map([
  // duck 0.1.12 says "BSD"; its LICENSE is the two-clause text.
  ["sha512-wkctla1O6VfP89gQ+J/yDesM0S7B7XLXjKGzXxMDVFg7uEn706niAtyYovKbyq1oT9YwDcly721/iUWoc8MVRg==", "BSD-2-Clause"],
]);

function main() {
  const packages = [...crates(), ...LOCKS.filter((lock) => existsSync(resolve(root, lock))).flatMap(npmPackages)];
  const offenders = packages.flatMap(({ name, licence }) => {
    const problem = judge(licence);
    return problem ? [`${name}: ${problem}`] : [];
  });
  for (const [licence, count] of tally(packages)) console.log(`${String(count).padStart(5)}  ${licence}`);
  if (offenders.length > 0) {
    console.error(`\n${offenders.length} of ${packages.length} packages do not offer terms the project accepts:\n${offenders.join("\n")}`);
    process.exitCode = 1;
    return;
  }
  console.log(`${packages.length} packages, all under accepted licences.`);
}

/** Everything in Cargo.lock that is not ours, for whatever system it is meant. */
function crates() {
  const text = execFileSync("cargo", ["metadata", "--format-version", "1", "--locked"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(text).packages.filter((one) => one.source !== null).map((one) => ({ name: `crate ${one.name} ${one.version}`, licence: one.license }));
}

function npmPackages(lock) {
  const { packages } = JSON.parse(readFileSync(resolve(root, lock), "utf8"));
  return Object.entries(packages)
    .filter(([path, one]) => path.includes("node_modules/") && !one.link)
    .map(([path, one]) => ({ name: `${lock}: ${path.split("node_modules/").at(-1)} ${one.version}`, licence: READ.get(one.integrity) ?? one.license }));
}

/** What is wrong with a licence expression, or null. */
export function judge(licence) {
  if (typeof licence !== "string" || licence.trim() === "") return "names no licence";
  try {
    return accepts(parse(licence)) ? null : licence;
  } catch (error) {
    return `${licence} (${error.message})`;
  }
}

/** OR offers a choice, AND asks for both. */
function accepts(term) {
  if (term.or) return term.or.some(accepts);
  if (term.and) return term.and.every(accepts);
  return ALLOWED.has(term.id) && (!term.exception || ALLOWED_EXCEPTIONS.has(term.exception));
}

/** An SPDX expression as a tree. WITH binds closest, then AND, then OR; the old slash of Cargo means OR. */
function parse(text) {
  const words = text.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g) ?? [];
  const take = () => words.shift();
  const is = (word) => words[0]?.toUpperCase() === word;

  const chain = (operator, name, next) => {
    const terms = [next()];
    while (is(operator)) {
      take();
      terms.push(next());
    }
    return terms.length === 1 ? terms[0] : { [name]: terms };
  };
  const any = () => chain("OR", "or", all);
  const all = () => chain("AND", "and", one);
  const one = () => {
    const word = take();
    if (word === "(") {
      const inner = any();
      if (take() !== ")") throw new Error("a bracket is not closed");
      return inner;
    }
    if (word === undefined || /^(\)|or|and|with)$/i.test(word)) throw new Error("not an SPDX expression");
    if (!is("WITH")) return { id: word };
    take();
    return { id: word, exception: take() ?? "nothing" };
  };

  const tree = any();
  if (words.length > 0) throw new Error("not an SPDX expression");
  return tree;
}

function tally(packages) {
  const counts = new Map();
  for (const { licence } of packages) counts.set(licence ?? "(none)", (counts.get(licence ?? "(none)") ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main();

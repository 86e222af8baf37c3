// What word processors and web pages put on the clipboard, as the structure it means: lists, headings, alignment, footnotes and
// tables kept; looks, scripts and trackers dropped.
import { prepared } from "./text.js";

/**
 * Foreign HTML as elements the schema can read. `pictures` are data addresses, in order, for pictures that are named but did not
 * come with the HTML. Answers how many pictures had to be left out beside.
 */
export function understand(html, pictures = []) {
  const root = prepared(html);
  root.querySelectorAll("script, style, meta, link, title, xml, template, iframe, object, noscript, svg, math").forEach((one) => one.remove());
  dropComments(root);
  footnotes(root);
  headings(root);
  lists(root);
  marks(root);
  looks(root);
  const lost = images(root, pictures);
  links(root);
  tidy(root);
  return { root, lost };
}

function dropComments(root) {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  found.forEach((comment) => comment.remove());
}

// ---- Footnotes: the note stands where it is referred to ----

function footnotes(root) {
  for (const reference of root.querySelectorAll('a[href*="#_ftn"], a[href*="#_edn"], a[href*="#footnote-"], a[href*="#endnote-"]')) {
    const name = reference.getAttribute("href").split("#")[1];
    if (/ref/.test(name)) continue;
    const note = root.querySelector(`#${CSS.escape(name.replace(/^_/, ""))}, #${CSS.escape(name)}`) ?? root.querySelector(`a[name="${CSS.escape(name)}"]`)?.closest("div, li, p");
    if (!note) continue;
    const words = note.cloneNode(true);
    words.querySelectorAll('a[href*="ref"]').forEach((back) => back.remove());
    const kept = root.ownerDocument.createElement("span");
    kept.className = "footnote";
    kept.textContent = words.textContent.replace(/\s+/g, " ").replace(/^\s*\[?\d*\]?\s*/, "").trim();
    (reference.closest("sup") ?? reference).replaceWith(kept);
    note.dataset.used = "";
  }
  root.querySelectorAll("[data-used]").forEach((note) => {
    const list = note.closest("ol");
    note.remove();
    if (list && !list.querySelector("li")) list.remove();
  });
  root.querySelectorAll("div").forEach((part) => {
    if (/mso-element:\s*(foot|end)note-list/.test(part.getAttribute("data-style") ?? "") && !part.textContent.trim()) part.remove();
  });
}

// ---- Headings that are paragraphs with an outline level ----

function headings(root) {
  for (const paragraph of root.querySelectorAll("p")) {
    const level = /mso-outline-level:\s*([1-6])/.exec(paragraph.getAttribute("data-style") ?? "")?.[1] ?? /^(?:Mso)?Heading([1-6])$/.exec(paragraph.className)?.[1];
    if (level) rename(paragraph, `h${Math.min(Number(level) + 1, 6)}`);
  }
}

// ---- Lists: Word writes them as paragraphs that say their level ----

const LISTED = /mso-list:\s*l\d+\s+level(\d+)/;

function lists(root) {
  for (const first of root.querySelectorAll("p, h1, h2, h3, h4, h5, h6")) {
    if (!first.isConnected || !level(first) || level(first.previousElementSibling)) continue;
    const run = [first];
    while (level(run.at(-1).nextElementSibling)) run.push(run.at(-1).nextElementSibling);
    gather(run);
  }
}

function level(element) {
  return Number(LISTED.exec(element?.getAttribute("data-style") ?? "")?.[1] ?? 0);
}

/** Makes lists of a run of such paragraphs. */
function gather(run) {
  const open = [];
  const anchor = run[0].ownerDocument.createComment("");
  run[0].before(anchor);
  for (const paragraph of run) {
    const depth = level(paragraph);
    const marker = takeMarker(paragraph);
    const kind = kindOf(marker);
    if (!kind || /^H\d$/.test(paragraph.tagName)) {
      // 一、 or 第一条: a list has no such numbers, so they stay as words.
      if (marker) paragraph.prepend(marker);
      open.length = 0;
      anchor.before(paragraph);
      continue;
    }
    while (open.length > depth || (open.length === depth && open.at(-1)?.dataset.kind !== kind.name)) open.pop();
    while (open.length < depth) {
      const list = paragraph.ownerDocument.createElement(kind.tag);
      list.dataset.kind = kind.name;
      if (kind.type && kind.type !== "1") list.setAttribute("type", kind.type);
      if (kind.start > 1) list.setAttribute("start", kind.start);
      const above = open.at(-1);
      if (above) (above.lastElementChild ?? above.appendChild(paragraph.ownerDocument.createElement("li"))).append(list);
      else anchor.before(list);
      open.push(list);
    }
    const item = paragraph.ownerDocument.createElement("li");
    item.append(...paragraph.childNodes);
    open.at(-1).append(item);
    paragraph.remove();
  }
  anchor.remove();
}

/** The number or sign before an item, as it was drawn; it is taken out. */
function takeMarker(paragraph) {
  const ignored = Array.from(paragraph.querySelectorAll("span")).find((span) => /mso-list:\s*Ignore/i.test(span.getAttribute("data-style") ?? ""));
  if (!ignored) return "";
  const marker = ignored.textContent.replace(/[\s\u00a0]+/g, "");
  ignored.remove();
  return marker;
}

function kindOf(marker) {
  const number = /^[（(]?(\d+)[.．、)）]?$/.exec(marker);
  if (number) return { tag: "ol", name: "1", type: "1", start: Number(number[1]) };
  const letter = /^[（(]?([A-Za-z]+)[.．、)）]$/.exec(marker);
  if (letter) {
    const roman = /^[ivxIVX]+$/.test(letter[1]);
    const type = roman ? (letter[1] < "a" ? "I" : "i") : letter[1] < "a" ? "A" : "a";
    return letter[1].length === 1 || roman ? { tag: "ol", name: type, type, start: 1 } : null;
  }
  return /[\u4e00-\u9fff]/.test(marker) ? null : { tag: "ul", name: "ul", start: 1 };
}

// ---- Looks that mean something ----

function looks(root) {
  for (const element of root.querySelectorAll("p, h1, h2, h3, h4, h5, h6, div, section, td, th")) {
    const style = element.getAttribute("data-style") ?? "";
    const align = /text-align:\s*(center|right|end)/.exec(style)?.[1] ?? element.getAttribute("align")?.toLowerCase();
    const kept = ["center", "right", "indent"].filter((name) => element.classList.contains(name));
    if (align === "center") kept.push("center");
    if (align === "right" || align === "end") kept.push("right");
    if (/text-indent:\s*[1-9]/.test(style) || dropSpaces(element)) kept.push("indent");
    element.className = kept.join(" ");
    // What a cell or a part says of its text, its paragraphs say.
    if (!/^(P|H\d)$/.test(element.tagName) && align) for (const child of element.children) if (child.tagName === "P" && !child.className) child.className = element.className;
  }
}

/** Takes away spaces that stood for an indent; says whether there were any. */
function dropSpaces(element) {
  const first = element.tagName === "P" && element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
  const spaces = first && /^\s*[\u3000\u00a0]{2,}\s*(?=\S)/.exec(first.data);
  if (!spaces) return false;
  first.data = first.data.slice(spaces[0].length);
  return true;
}

const MARKS = [
  [/font-weight:\s*(bold|[6-9]00)/, "strong"],
  [/font-style:\s*italic/, "em"],
  [/text-decoration[\w-]*:[^;]*underline/, "u"],
  [/text-decoration[\w-]*:[^;]*line-through/, "s"],
  [/vertical-align:\s*super/, "sup"],
  [/vertical-align:\s*sub\b/, "sub"],
];

/** Bold, italic and the like, where they are said by style. A heading is bold anyway. */
function marks(root) {
  for (const element of root.querySelectorAll("span[data-style], a[data-style], font[data-style]")) {
    for (const [pattern, tag] of MARKS) {
      if (!pattern.test(element.getAttribute("data-style"))) continue;
      const mark = root.ownerDocument.createElement(tag);
      mark.append(...element.childNodes);
      element.append(mark);
    }
  }
  for (const bold of root.querySelectorAll("b, strong")) {
    // Google wraps whole documents in a <b> that is not bold.
    const isNone = /font-weight:\s*(normal|[1-4]00)/.test(bold.getAttribute("data-style") ?? "");
    if (isNone || bold.closest("h1, h2, h3, h4, h5, h6")) bold.replaceWith(...bold.childNodes);
  }
}

// ---- Pictures and links ----

function images(root, pictures) {
  let lost = 0;
  const all = Array.from(root.querySelectorAll("img"));
  const absent = all.filter((image) => /^(file|blob|cid):|^[A-Za-z]:\\/i.test(image.getAttribute("src") ?? ""));
  if (absent.length === pictures.length) absent.forEach((image, at) => image.setAttribute("src", pictures[at]));
  for (const image of all) {
    const source = image.getAttribute("src") ?? "";
    if (/^data:image\/(png|jpe?g|gif|webp)[;,]/i.test(source) || /^(media:\d+|\/(?!\/))/.test(source)) continue;
    if (!isTracker(image)) lost += 1;
    image.remove();
  }
  return lost;
}

/** A picture nobody is meant to see. */
function isTracker(image) {
  const side = (name) => Number.parseInt(image.getAttribute(name) ?? "", 10);
  return side("width") <= 2 || side("height") <= 2 || /display:\s*none/.test(image.getAttribute("data-style") ?? "");
}

const TRACKING = /^(utm_\w+|spm|from|share_token|gclid|fbclid)$/;

function links(root) {
  for (const link of root.querySelectorAll("a[href]")) {
    const address = link.getAttribute("href");
    if (!/^https?:/i.test(address) || !URL.canParse(address)) continue;
    const url = new URL(address);
    const marks = Array.from(url.searchParams.keys()).filter((name) => TRACKING.test(name));
    if (marks.length === 0) continue;
    marks.forEach((name) => url.searchParams.delete(name));
    link.setAttribute("href", url.href);
  }
}

/** Paragraphs that only made room go, except in cells, which need one. */
function tidy(root) {
  for (const paragraph of root.querySelectorAll("p")) {
    const isEmpty = !paragraph.textContent.replace(/[\s\u00a0]+/g, "") && !paragraph.querySelector("img, .footnote, br + br");
    const isOnlyOne = paragraph.parentElement.matches("td, th, li") && paragraph.parentElement.childElementCount === 1;
    if (isEmpty && isOnlyOne) paragraph.replaceChildren();
    else if (isEmpty) paragraph.remove();
  }
}

function rename(element, tag) {
  const made = element.ownerDocument.createElement(tag);
  for (const { name, value } of element.attributes) made.setAttribute(name, value);
  made.append(...element.childNodes);
  element.replaceWith(made);
}

// ---- Pictures that Word puts on the clipboard as RTF ----

/** Data addresses of the pictures in an RTF text, in order. */
export function rtfPictures(rtf) {
  const pictures = [];
  for (const [, kind, digits] of rtf.matchAll(/\{\\pict(?:[^{}]|\{[^{}]*\})*?\\(png|jpeg)blip(?:[^{}]|\{[^{}]*\})*?([0-9a-fA-F\s]{64,})\}/g)) {
    const bytes = Uint8Array.from(digits.replace(/\s+/g, "").match(/../g), (pair) => Number.parseInt(pair, 16));
    let binary = "";
    for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    pictures.push(`data:image/${kind};base64,${btoa(binary)}`);
  }
  return pictures;
}

// Annotating a text: what is said is about the words that are selected, and only what it changes on the screen is drawn anew.
import { post } from "../send.js";
import { button } from "./parts.js";

const letters = (text) => text.replace(/\s/g, "");
const area = () => document.querySelector("[data-annotate]");
const opener = button("批注", "btn btn-primary btn-sm annotate-here", open);
// A press on it leaves the words selected.
opener.addEventListener("mousedown", (event) => event.preventDefault());

if (area()) {
  document.addEventListener("selectionchange", show);
  document.addEventListener("keydown", choose);
}
document.addEventListener("submit", send);

/** The selected words of the text, how often they stand before, and where they end on the screen. */
function chosen() {
  const [text, selection] = [area(), window.getSelection()];
  if (!text || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0).cloneRange();
  if (!text.contains(range.startContainer) && !text.contains(range.endContainer)) return null;
  // Three quick clicks select a line, and the beginning of what follows.
  if (!text.contains(range.startContainer)) range.setStart(text, 0);
  if (!text.contains(range.endContainer)) range.setEnd(text, text.childNodes.length);
  const quote = range.toString().replace(/\s+/g, " ").trim();
  if (!quote) return null;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const occurrence = letters(before.toString()).split(letters(quote)).length - 1;
  return { quote, occurrence, end: Array.from(range.getClientRects()).at(-1) ?? range.getBoundingClientRect() };
}

function show() {
  const words = chosen();
  if (!words && document.activeElement === opener) return;
  opener.hidden = !words;
  if (!words) return;
  const part = area().parentElement;
  // In the order of the keyboard it comes after the text.
  if (opener.previousElementSibling !== area()) area().after(opener);
  const { left, top } = part.getBoundingClientRect();
  opener.style.left = `${Math.max(0, Math.min(words.end.right - left, part.clientWidth - opener.offsetWidth - 8))}px`;
  opener.style.top = `${words.end.bottom - top + 4}px`;
}

/** Words are chosen by keyboard too: the arrows lead from word to word, with Shift the selection grows by a letter. */
function choose(event) {
  const text = area();
  if (event.target !== text || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" && chosen()) {
    event.preventDefault();
    open();
    return;
  }
  const side = { ArrowRight: "forward", ArrowLeft: "backward" }[event.key];
  if (!side) return;
  event.preventDefault();
  const selection = window.getSelection();
  if (!text.contains(selection.focusNode)) selection.collapse(text, side === "forward" ? 0 : text.childNodes.length);
  else if (!event.shiftKey) selection[side === "forward" ? "collapseToEnd" : "collapseToStart"]();
  selection.modify("extend", side, event.shiftKey ? "character" : "word");
  selection.focusNode?.parentElement?.scrollIntoView({ block: "nearest" });
}

function open() {
  const words = chosen();
  const form = document.getElementById("annotate-form");
  if (!words || !form) return;
  form.elements.namedItem("field").value = "body";
  form.elements.namedItem("quote").value = words.quote;
  form.elements.namedItem("occurrence").value = words.occurrence;
  ask(form);
}

/** The form itself, in a window over the text, so that nobody loses their place in it. */
function ask(form) {
  const home = form.parentElement;
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "annotate-title");
  const heading = Object.assign(document.createElement("h2"), { id: "annotate-title", textContent: "批注" });
  const leave = button("取消", "btn", () => dialog.close());
  dialog.append(heading, form);
  form.append(leave);
  dialog.addEventListener("close", () => {
    leave.remove();
    home.append(form);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  form.elements.namedItem("text").focus();
}

/** What is said goes to the server by itself; what is typed elsewhere on the screen stays. */
async function send(event) {
  const form = event.target;
  if (event.defaultPrevented || !(form.id === "annotate-form" || form.closest("#annotations"))) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const answer = await post(form.action, { body }).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  delete form.dataset.sent;
  if (!page?.getElementById("annotations")) return fail(form, answer);
  const wasAsked = form.closest("dialog");
  wasAsked?.close();
  renew(page, form);
  const wrong = document.querySelector("#annotations .is-invalid");
  if (wrong && wasAsked) ask(document.getElementById("annotate-form"));
  wrong?.focus();
  if (!wrong) tell(page.querySelector(".told, main > .alert-danger")?.textContent ?? "");
}

/** Draws anew what the answer shows otherwise; what was typed beside it is put back. */
function renew(page, sent) {
  const fields = Array.from(document.querySelectorAll("#annotations textarea"));
  const typed = fields.filter((field) => field.form !== sent && field.value !== field.defaultValue);
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const next = page.getElementById(old.id);
    if (next) old.replaceWith(next);
  }
  for (const { id, value } of typed) {
    const field = document.getElementById(id);
    if (!field) continue;
    field.value = value;
    field.closest("details").open = true;
  }
  opener.hidden = true;
}

function fail(form, answer) {
  const words = answer?.url.includes("/sign-in") ? "登录已过期，请在新窗口重新登录后再保存。" : "未能保存，请稍后再试；已填写的内容仍在这里。";
  form.querySelector("[data-failed]")?.remove();
  const line = Object.assign(document.createElement("p"), { className: "invalid", textContent: words });
  line.dataset.failed = "";
  line.setAttribute("role", "alert");
  form.append(line);
}

function tell(words) {
  document.getElementById("annotations-told").textContent = words;
}

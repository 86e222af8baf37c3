// Autosave: what is written is kept in this browser at once and on the server within seconds; the dock says what holds.
import * as drafts from "../screen/drafts.js";
import { note } from "../screen/kept.js";
import { ask } from "./ask.js";
import { offer } from "./offer.js";
import { all, written } from "./values.js";

/** Between two savings while somebody writes, in milliseconds, and at most while the server cannot be reached. */
const PAUSE = 2_500;
const LONGEST_PAUSE = 30_000;

const TROUBLE = {
  lost: ["网络已断开，内容保存在本机，恢复后自动上传", "网络已断开，本机也无法保存，请勿关闭本页"],
  failing: ["服务器暂时无法保存，内容保存在本机，恢复后自动上传", "服务器和本机都无法保存，请勿关闭本页"],
  expired: ["登录已过期，内容保存在本机，重新登录后自动上传", "登录已过期，本机也无法保存，请勿关闭本页"],
  long: ["内容过长，无法自动保存，请及时保存草稿", "内容过长，无法自动保存，请及时保存草稿"],
  full: ["暂存的新稿件过多，内容仅保存在本机，请先到工作台处理", "暂存的新稿件过多，无法自动保存，请及时保存草稿"],
  saved: ["此稿件已保存，此后写下的内容仅保存在本机，请及时保存草稿", "此稿件已保存，此后写下的内容无法自动保存，请及时保存草稿"],
  elsewhere: ["您已在其他窗口继续编辑，本窗口的内容保存在本机", "您已在其他窗口继续编辑，本窗口不再自动保存"],
};

const form = document.querySelector("form[data-keep]");

if (form) {
  const dock = document.getElementById("unsaved");
  const name = drafts.named(form);
  let held = written(form); // what needs no keeping: it is saved, or the server has it
  let timer = null;
  let pause = PAUSE;
  let sequence = 0;
  let under = null; // what is being sent
  let leaving = false;
  let isHere = true; // this browser keeps it
  let isTouched = false; // somebody has written; until then scripts only put the form in order

  // What the server shows again after a refusal it has not saved.
  if (document.querySelector("#problems:not([data-saved]), #conflict, #refusal")) {
    held = null;
    isTouched = true;
  }
  for (const kind of ["keydown", "pointerdown", "input", "paste", "drop"]) {
    form.addEventListener(kind, (event) => { isTouched ||= event.isTrusted; }, true);
  }
  for (const kind of ["input", "change"]) form.addEventListener(kind, changed);
  offer(form, () => { isTouched = true; });
  changed();
  // What was put back from this browser is brought to the server at once, unless it came there after all as its window was closed.
  if (isTouched && written(form) === held) say("已自动保存");
  else if (isTouched) send();

  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    note(name);
    leave();
  });
  form.addEventListener("abandon", () => {
    leave();
    drafts.drop(name);
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("pagehide", () => {
    if (!leaving && written(form) !== held) ask(form.dataset.keep, brought(), { keepalive: true });
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && !isHere && written(form) !== held) event.preventDefault();
  });

  /** Nothing is sent any more: what is here goes another way, or nowhere. */
  function leave() {
    leaving = true;
    window.clearTimeout(timer);
    under?.abort();
  }

  function changed() {
    if (!isTouched) held = written(form);
    if (written(form) === held) return;
    keepHere(false);
    if (!isHere || !dock.firstChild) say("有未保存的修改");
    timer ??= window.setTimeout(send, PAUSE);
  }

  function keepHere(isHeld) {
    const title = form.elements.namedItem("title").value;
    isHere = drafts.keep(name, { values: all(form), title, at: Date.now(), held: isHeld });
    stay();
  }

  /** Whoever comes back to this window, by going back, by loading it again or with a restored tab, comes back to what was written in it. */
  function stay() {
    const here = window.location.pathname + window.location.search;
    if (here !== form.dataset.back) window.history.replaceState(window.history.state, "", form.dataset.back);
  }

  function brought() {
    sequence = Math.max(sequence + 1, Date.now());
    return [...all(form), ["sequence", sequence]];
  }

  async function send() {
    window.clearTimeout(timer);
    timer = null;
    const now = written(form);
    if (under || leaving || now === held) return;
    under = new AbortController();
    const late = window.setTimeout(() => under?.abort(), 15_000);
    const answer = await ask(form.dataset.keep, brought(), { signal: under.signal });
    window.clearTimeout(late);
    under = null;
    if (leaving) return;
    if (answer.state === "kept") {
      held = now;
      pause = PAUSE;
      say("已自动保存", answer.at);
      if (written(form) === held) keepHere(true);
      else changed();
      return;
    }
    say((TROUBLE[answer.state] ?? TROUBLE.failing)[isHere ? 0 : 1], "", answer.state === "expired");
    if (["elsewhere", "saved"].includes(answer.state)) return;
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    timer = window.setTimeout(send, pause);
  }

  /** The time is not read out: only that something else holds now is news. */
  function say(words, at = "", signIn = false) {
    if (dock.dataset.words !== words) {
      dock.dataset.words = words;
      dock.replaceChildren(words);
      if (signIn) {
        const link = document.createElement("a");
        link.href = "/console/sign-in";
        link.target = "_blank";
        link.textContent = "在新窗口登录";
        dock.append(" ", link);
      }
      const time = document.createElement("span");
      time.setAttribute("aria-hidden", "true");
      dock.append(" ", time);
    }
    dock.lastElementChild.textContent = at;
  }
}

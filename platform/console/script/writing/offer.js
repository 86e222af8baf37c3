// What this browser still keeps of a text, and the server has not, is offered before anything is written over it.
import * as drafts from "../screen/drafts.js";
import { button } from "../screen/parts.js";
import { freeze, thaw } from "./frozen.js";
import { all, compared, put, written } from "./values.js";

const DAY = 86_400_000;

/** Offers what was kept here; until somebody has chosen, the form is only read. `taking` is told before it is filled. */
export function offer(form, taking) {
  const oldest = Date.now() - Number(form.dataset.days) * DAY;
  for (const entry of drafts.list()) if (entry.at < oldest) drafts.drop(entry.name);
  const mine = drafts.named(form);
  const left = drafts.list(drafts.of(form)).filter((entry) => entry.name !== mine && !entry.held);

  // What was restored from the server goes on with what the same sheet wrote after that.
  const later = left.find((entry) => entry.name.endsWith(`:${form.dataset.restored}`));
  if (later) take(form, later, taking);
  const offered = document.getElementById("offer");
  if (offered) {
    freeze(form, asSaved());
    offered.focus();
    return;
  }
  const open = left.filter((entry) => entry !== later && compared(entry.values) !== written(form));
  // Whoever comes back to a form finds what they had written, even where only this browser has it.
  const back = isBack(form) ? open.findIndex((entry) => version(entry.values) === version(all(form))) : -1;
  if (back >= 0) {
    const [entry] = open.splice(back, 1);
    take(form, entry, taking);
    form.before(restored(form, entry));
  }
  for (const entry of open) form.before(banner(form, entry, taking));
  if (open.length) freeze(form, asSaved());
  for (const entry of elsewhere(form)) form.before(pointer(entry));
}

/** Whether the address leads back to what was written, of which the server has nothing. */
function isBack(form) {
  const wanted = new URLSearchParams(window.location.search);
  return (wanted.has("begun") || wanted.has("restore")) && !form.dataset.restored;
}

/** The version of the resource that something was begun from. */
function version(values) {
  return values.find(([name]) => name === "version")?.[1];
}

function take(form, entry, taking) {
  taking();
  put(form, entry.values);
  drafts.drop(entry.name);
}

function restored(form, entry) {
  const box = alertBox("alert-info");
  box.id = "restored";
  const away = document.createElement("form");
  away.method = "post";
  away.action = `${form.dataset.keep}/discard`;
  const back = Object.assign(document.createElement("input"), { type: "hidden", name: "back", value: "form" });
  const press = button("放弃这些修改", "btn btn-sm", () => form.dispatchEvent(new Event("abandon")));
  press.type = "submit";
  away.append(back, press);
  box.append(`已恢复 ${told(entry.at)} 保存在本机的内容，保存后成为正式版本。`, away);
  return box;
}

/** Stands above a form that waits for a choice. */
function asSaved() {
  const note = document.createElement("p");
  note.className = "as-saved";
  note.textContent = "已保存的内容，仅供查看；在上方选择后即可编辑";
  return note;
}

function banner(form, entry, taking) {
  const box = alertBox("alert-warning");
  const heading = document.createElement("h2");
  heading.textContent = "本机保留有未上传的内容";
  const text = document.createElement("p");
  text.textContent = `保存于 ${told(entry.at)}${entry.title ? `，标题“${entry.title}”` : ""}。请先选择如何处理。`;
  const actions = document.createElement("div");
  actions.className = "actions";
  const done = () => {
    box.remove();
    if (!document.querySelector("[data-kept], #taken")) {
      thaw();
      form.elements.namedItem("title").focus();
    }
  };
  const restore = button("恢复并继续编辑", "btn btn-primary", () => {
    take(form, entry, taking);
    done();
  });
  const discard = button("放弃这些内容", "btn", () => {
    drafts.drop(entry.name);
    done();
  });
  box.dataset.kept = "";
  actions.append(restore, discard);
  box.append(heading, text, actions);
  return box;
}

/** New texts begun before that never reached the server. */
function elsewhere(form) {
  if (!window.location.pathname.endsWith("/new") || window.location.search.includes("begun=")) return [];
  const [beginning] = drafts.of(form).split("/working-copies/");
  return drafts.list(`${beginning}/working-copies/`).filter((entry) => !entry.held && begunOn(entry).includes("-") && entry.name !== drafts.named(form));
}

/** What a new text is known by; the number of a resource. */
function begunOn(entry) {
  return entry.name.split("/working-copies/")[1].split(":")[0];
}

function pointer(entry) {
  const box = alertBox("alert-info");
  const link = document.createElement("a");
  link.href = `?begun=${begunOn(entry)}`;
  link.textContent = "继续编辑";
  box.append(`本机保留有未上传的新稿件${entry.title ? `“${entry.title}”` : ""}，保存于 ${told(entry.at)}。`, link);
  return box;
}

function alertBox(tone) {
  const box = document.createElement("div");
  box.className = `alert ${tone}`;
  box.setAttribute("role", "status");
  return box;
}

function told(at) {
  return new Date(at).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" });
}

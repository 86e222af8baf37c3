// 键盘快捷键: `?` lists them. Keys without Ctrl can be turned off (WCAG 2.2, 2.1.4) and do nothing while somebody types.
import { button } from "./parts.js";

const links = Array.from(document.querySelectorAll(".bar-menu a[href]"));
const home = links.find((link) => /^\/console\/[^/]+$/.test(link.getAttribute("href")))?.getAttribute("href");

/** After `g`, where to go. */
const PLACES = [
  ["d", "工作台", home],
  ["l", "信息资源库", home && `${home}/library`],
  ["m", "媒体库", home && `${home}/media`],
  ["o", "推送待办", home && `${home}/offers`],
  ["t", "定时安排", home && `${home}/schedules`],
].filter(([, , address]) => address && links.some((link) => link.getAttribute("href") === address));

const KEPT = "single-keys";
const areOn = () => window.localStorage.getItem(KEPT) !== "off";
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

/** What is shown from `g` until the next key or click, with no limit of time: not everybody presses two keys quickly. */
let led = null;

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    const save = document.querySelector('form[data-keep] button[value="save"]');
    if (!save) return;
    event.preventDefault();
    save.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !areOn() || document.querySelector("dialog[open]")) return;
  if (led) {
    if (event.key === "Shift") return;
    const place = PLACES.find(([key]) => key === event.key);
    release();
    if (place) window.location.assign(place[2]);
    return;
  }
  if (event.key === "?") show();
  else if (event.key === "g" && PLACES.length) lead();
  else if (event.key === "n" && document.querySelector('a[href$="/resources/new"]')) document.querySelector('a[href$="/resources/new"]').click();
  else if (event.key === "/") document.querySelector('main input[type="search"]')?.focus();
  else return;
  event.preventDefault();
});

const foot = document.querySelector(".foot .container-xl");
if (foot && home) foot.append(button("键盘快捷键", "foot-keys", show));

document.addEventListener("pointerdown", release);

function lead() {
  led = Object.assign(document.createElement("p"), { className: "keys-led" });
  led.setAttribute("role", "status");
  document.body.append(led);
  led.append("前往：", ...PLACES.flatMap(([key, name]) => [Object.assign(document.createElement("kbd"), { textContent: key }), ` ${name}　`]));
  led.append(Object.assign(document.createElement("kbd"), { textContent: "Esc" }), " 取消");
}

function release() {
  led?.remove();
  led = null;
}

function show() {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = Object.assign(document.createElement("h2"), { id: "keys-title", textContent: "键盘快捷键" });
  const list = document.createElement("dl");
  list.className = "keys";
  const lines = [
    [["?"], "显示本列表"],
    ...PLACES.map(([key, name]) => [["g", key], `前往${name}`]),
    [["n"], "新建稿件（工作台）"],
    [["/"], "跳到本页的查找框"],
    [["Ctrl", "S"], "保存草稿（编写稿件时）"],
    [["Ctrl", "B / I / U / K"], "加粗、斜体、下划线、链接"],
    [["Ctrl", "F"], "查找和替换（正文中）"],
    [["Alt", "F10"], "从正文进入工具栏，左右键选择"],
  ];
  for (const [keys, meaning] of lines) {
    const term = document.createElement("dt");
    term.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })));
    list.append(term, Object.assign(document.createElement("dd"), { textContent: meaning }));
  }
  const choice = document.createElement("label");
  choice.className = "check";
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: areOn() });
  box.addEventListener("change", () => window.localStorage.setItem(KEPT, box.checked ? "on" : "off"));
  choice.append(box, " 启用单键快捷键（不含 Ctrl、Alt 的按键）");
  const came = document.activeElement;
  const actions = document.createElement("div");
  actions.className = "actions";
  actions.append(button("关闭", "btn", () => dialog.close()));
  dialog.append(title, list, choice, actions);
  dialog.addEventListener("close", () => {
    dialog.remove();
    came?.focus?.();
  });
  document.body.append(dialog);
  dialog.showModal();
}

// Nobody loses what they typed by leaving the page unawares.
import { button } from "./parts.js";

// What a saved form leaves behind is no longer wanted; the screen that says so need not be this one.
const form = document.querySelector("form[data-guard]");
const kept = window.sessionStorage;

if (document.querySelector("[data-saved]")) {
  for (const key of Object.keys(kept).filter((key) => key.startsWith("draft:"))) kept.removeItem(key);
}

if (form) {
  const told = document.getElementById("unsaved");
  let changed = Boolean(document.querySelector("#problems:not([data-saved]), #conflict, #refusal"));
  form.addEventListener("input", () => {
    if (!changed && told) told.textContent = "有未保存的修改";
    changed = true;
  });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });

  // A form is remembered by this tab until it is saved, and offered again when it was lost on the way.
  const name = `draft:${form.getAttribute("action")}`;
  const first = shown();
  const before = kept.getItem(name);
  if (before && before !== first && !changed) offer(name, JSON.parse(before));
  form.addEventListener("input", () => kept.setItem(name, shown()));
  // What the server shows again, it has received; what it shows changed is what it has not saved.
  if (changed) kept.setItem(name, first);
}

function shown() {
  const fields = Array.from(form.elements).filter((field) => field.name && field.type !== "submit" && !["version", "revision"].includes(field.name));
  return JSON.stringify(fields.map((field) => [field.name, field.value]));
}

function offer(name, values) {
  const box = document.createElement("div");
  box.className = "alert alert-warning";
  box.setAttribute("role", "status");
  const text = document.createElement("p");
  text.textContent = "本窗口保留有上次未保存的内容。";
  const restore = button("恢复未保存的内容", "btn btn-primary", () => {
    for (const [name, value] of values) {
      const field = form.elements.namedItem(name);
      if (!field) continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    box.remove();
    form.elements.namedItem("title").focus();
  });
  box.append(text, restore, " ", button("放弃", "btn", () => {
    kept.removeItem(name);
    box.remove();
  }));
  form.before(box);
}

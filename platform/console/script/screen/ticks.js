// What was ticked in the library stays ticked while its pages are turned and texts are looked at, until something is done with it.
import { button } from "./parts.js";

/** More would not fit in the address that a deed is asked for by; whoever means so many means all that is found. */
const MOST = 500;
const PREFIX = "ticks:";

const bar = document.querySelector(".batch-bar");
if (bar) keep(bar.closest("form"));

document.querySelector("form[data-batch]")?.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "begin") return;
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
});

function keep(form) {
  const boxes = Array.from(form.querySelectorAll('input[name="id"]'));
  const key = `${PREFIX}${location.pathname}?${form.dataset.search}`;
  const deeds = Array.from(bar.querySelectorAll('button[name="deed"]'));
  const told = Object.assign(document.createElement("span"), { className: "ticked" });
  told.setAttribute("role", "status");
  bar.append(told);

  const read = () => new Set(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
  const elsewhere = () => {
    const here = new Set(boxes.map((box) => box.value));
    return [...read()].filter((id) => !here.has(id));
  };
  const write = () => {
    const ids = [...elsewhere(), ...boxes.filter((box) => box.checked).map((box) => box.value)];
    sessionStorage.setItem(key, JSON.stringify(ids.slice(0, MOST)));
    tell();
  };
  const tell = () => {
    const others = elsewhere().length;
    const count = others + boxes.filter((box) => box.checked).length;
    for (const deed of deeds) deed.disabled = count === 0 && !form.elements.all.checked;
    told.replaceChildren();
    if (count === 0) {
      if (!form.elements.all.checked) told.append("勾选稿件后可以批量操作");
      return;
    }
    told.append(`已选 ${count} 篇${others ? `（${others} 篇在其他页）` : ""}`);
    if (count > MOST) told.append(`，一次最多勾选 ${MOST} 篇，更多请用“选择全部符合条件的稿件”`);
    told.append(button("清除选择", "btn btn-sm btn-link", clear));
  };
  const clear = () => {
    sessionStorage.removeItem(key);
    for (const box of boxes) box.checked = false;
    boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
    boxes[0]?.focus();
  };

  const ticked = read();
  for (const box of boxes) if (ticked.has(box.value)) box.checked = true;
  form.addEventListener("change", write);
  form.addEventListener("formdata", (event) => {
    if (form.elements.all.checked) return;
    for (const id of elsewhere()) event.formData.append("id", id);
  });
  window.addEventListener("pageshow", write);
}

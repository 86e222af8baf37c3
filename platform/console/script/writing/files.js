// Cover and attachments as people see them. The fields hold their numbers, are what is sent, and are all there is without scripts.
import { choose } from "./chooser.js";

for (const box of document.querySelectorAll("[data-files]")) begin(box);

function begin(box) {
  const name = box.dataset.files;
  const field = document.getElementById(name);
  const label = document.getElementById(`${name}-label`);
  box.querySelector("[data-numbers]").hidden = true;
  label.hidden = false;

  const deeds = {
    async choose() {
      const chosen = await choose(name, name === "cover" ? [] : numbers(field));
      if (!chosen) return;
      const ids = chosen.map(({ id }) => id);
      put(field, name === "cover" ? ids : [...numbers(field), ...ids]);
      tell(`已${name === "cover" ? "设为封面" : "加为附件"}：${chosen.map((one) => one.name).join("、")}`);
    },
    clear() {
      focus(`${name}-choose`);
      put(field, []);
      tell("封面图片已移除");
    },
    up: (number) => move(number, -1),
    down: (number) => move(number, 1),
    remove(number) {
      const before = numbers(field);
      const left = before.filter((one) => one !== number);
      const next = left[Math.min(before.indexOf(number), left.length - 1)];
      focus(next ? `${name}-remove-${next}` : `${name}-choose`);
      put(field, left);
      tell("附件已移除");
    },
  };

  function move(number, step) {
    const order = numbers(field);
    const at = order.indexOf(number);
    const to = at + step;
    if (at < 0 || to < 0 || to >= order.length) return;
    [order[at], order[to]] = [order[to], order[at]];
    put(field, order);
    tell(`现为第 ${to + 1} 个附件，共 ${order.length} 个`);
  }

  function tell(words) {
    box.querySelector("[data-told]").textContent = words;
  }

  box.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-deed]");
    // A form that is only read is not changed.
    if (!pressed || field.form.classList.contains("frozen")) return;
    if (pressed.getAttribute("aria-disabled") !== "true") deeds[pressed.dataset.deed](pressed.dataset.number);
  });
  // What leads to the field leads to what is seen of it, where what is wrong with it is told. What is seen comes a moment after
  // the form: whoever was led there before is taken there then.
  let awaited = false;
  box.addEventListener("htmx:afterSwap", () => {
    const chooser = document.getElementById(`${name}-choose`);
    if (field.getAttribute("aria-invalid")) chooser.setAttribute("aria-describedby", `${name}-problem`);
    if (awaited) chooser.focus();
    awaited = false;
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(`a[href="#${name}"]`)) return;
    event.preventDefault();
    awaited = !document.getElementById(`${name}-choose`);
    focus(`${name}-choose`);
  });
}

/** Where to be stays where it is while the list is drawn anew: it is known by its id. */
function focus(id) {
  document.getElementById(id)?.focus();
}

function numbers(field) {
  return [...new Set(field.value.split(/[,，、;；\s]+/).filter(Boolean))];
}

function put(field, list) {
  field.value = list.join("，");
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

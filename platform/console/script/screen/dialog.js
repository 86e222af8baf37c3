// Asks for a few words in a window of its own.
import { button } from "./parts.js";

/**
 * Asks for `fields` (name, label, value, hint, type, required, most letters) and answers them by name, or nothing if it was left.
 * `extra` may put more below the fields and is given a way to answer by itself.
 */
export function ask(title, fields, { done = "确定", extra } = {}) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "ask-title");
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  heading.id = "ask-title";
  heading.textContent = title;
  form.append(heading, ...fields.map(field));
  const actions = document.createElement("div");
  actions.className = "actions";
  const confirm = document.createElement("button");
  confirm.className = "btn btn-primary";
  confirm.textContent = done;
  actions.append(confirm, button("取消", "btn", () => dialog.close()));
  const came = document.activeElement;
  return new Promise((resolve) => {
    let answer = null;
    const answerWith = (values) => {
      answer = values;
      dialog.close();
    };
    const more = extra?.(answerWith);
    if (more) form.append(more);
    form.append(actions);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      answerWith(Object.fromEntries(fields.map(({ name }) => [name, form.elements.namedItem(name).value.trim()])));
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      came?.focus?.();
      resolve(answer);
    });
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
    form.querySelector("input, textarea, select")?.focus();
  });
}

function field({ name, label, value = "", hint, type = "text", required = false, options, min, max, most }) {
  const box = document.createElement("div");
  box.className = "field";
  const title = document.createElement("label");
  title.className = "form-label";
  title.htmlFor = `ask-${name}`;
  title.textContent = label;
  const input = document.createElement(type === "textarea" ? "textarea" : options ? "select" : "input");
  input.className = options ? "form-select" : "form-control";
  if (input.tagName === "INPUT") input.type = type;
  for (const [word, text] of options ?? []) input.add(new Option(text, word));
  Object.assign(input, { id: title.htmlFor, name, value, required });
  if (most) input.maxLength = most;
  if (min) input.min = min;
  if (max) input.max = max;
  box.append(title, input);
  if (hint) {
    const line = document.createElement("p");
    line.className = "form-hint";
    line.id = `${input.id}-hint`;
    line.textContent = hint;
    input.setAttribute("aria-describedby", line.id);
    box.append(line);
  }
  return box;
}

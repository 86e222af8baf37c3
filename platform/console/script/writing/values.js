// What a form holds: read for keeping, put back when it is restored.

import { NAME } from "../send.js";

// Where a form was begun is not what was written.
const FRAME = ["version", "revision", "begun", "sheet", "looked_at"];

function fields(form) {
  const isWritten = (field) => field.name && field.name !== NAME && !["submit", "button", "fieldset"].includes(field.type);
  return Array.from(form.elements).filter(isWritten);
}

function valueOf(field) {
  return field.type === "checkbox" ? (field.checked ? field.value : "") : field.value;
}

/** Everything, as it is sent. */
export function all(form) {
  return fields(form).map((field) => [field.name, valueOf(field)]);
}

/** What was written, as one text to be compared. */
export function written(form) {
  return compared(all(form));
}

export function compared(values) {
  return JSON.stringify(values.filter(([name]) => !FRAME.includes(name)));
}

/** Puts values back; whatever shows a field hears of it. */
export function put(form, values) {
  for (const [name, value] of values) {
    const field = form.elements.namedItem(name);
    if (!field || !("value" in field) || ["begun", "sheet"].includes(name) || valueOf(field) === value) continue;
    if (field.type === "checkbox") field.checked = value !== "";
    else field.value = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

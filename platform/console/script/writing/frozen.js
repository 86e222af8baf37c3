// A form that may be read and copied from, but not written in.
let thawing = [];

/** `note` stands above the form as long as it is frozen. */
export function freeze(form, note) {
  if (thawing.length) return;
  form.classList.add("frozen");
  thawing.push(() => form.classList.remove("frozen"));
  if (note) {
    form.before(note);
    thawing.push(() => note.remove());
  }
  for (const field of form.elements) {
    const flag = "readOnly" in field && field.type !== "checkbox" ? "readOnly" : "disabled";
    if (field[flag]) continue;
    field[flag] = true;
    thawing.push(() => { field[flag] = false; });
  }
  for (const text of form.querySelectorAll('[contenteditable="true"]')) {
    text.contentEditable = "false";
    thawing.push(() => { text.contentEditable = "true"; });
  }
}

export function thaw() {
  for (const undo of thawing) undo();
  thawing = [];
}

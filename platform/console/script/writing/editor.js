// The text of a resource, written in place of the plain field.
const body = document.getElementById("body");

/** Puts a picture of the library into the text. */
export function insertImage(address, alt) {
  insert(`<img src="${address}" alt="${escaped(alt)}">`);
}

/** Puts a link to a file of the library into the text. */
export function insertLink(address, text) {
  insert(`<a href="${address}">${escaped(text)}</a>`);
}

function insert(tag) {
  body.setRangeText(tag, body.selectionStart, body.selectionEnd, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

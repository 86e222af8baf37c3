// From a finding to its place: the words are selected where they stand.
const found = document.getElementById("found");

found?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-find]");
  if (!link) return;
  event.preventDefault();
  const id = link.getAttribute("href").slice(1);
  const place = { text: link.dataset.find, occurrence: Number(link.dataset.occurrence) };
  if (id === "body") document.dispatchEvent(new CustomEvent("tongyuan:find", { detail: place }));
  const field = document.getElementById(id);
  if (field?.offsetParent) select(field, place);
});

/** Occurrences are counted from 0. Where markup stands between the words, the field itself is where to look. */
function select(field, { text, occurrence }) {
  let at = -1;
  for (let count = 0; count <= occurrence; count += 1) {
    const next = field.value.indexOf(text, at + 1);
    if (next < 0) break;
    at = next;
  }
  field.focus();
  if (at >= 0 && field.setSelectionRange) field.setSelectionRange(at, at + text.length);
}

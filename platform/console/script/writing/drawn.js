// The form is what the server drew, filled with what the autosave kept. The browser's own memory of fields knows nothing of the text or of
// its sheet, so it stays out of it; without scripts it is all there is.
const form = document.querySelector("form[data-keep]");

if (form) {
  form.autocomplete = "off";
  const [navigation] = window.performance.getEntriesByType("navigation");
  if (["reload", "back_forward"].includes(navigation?.type)) form.reset();
  // A page that was laid aside whole may have been written on, or saved, elsewhere since.
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted && window.navigator.onLine) window.location.reload();
  });
}

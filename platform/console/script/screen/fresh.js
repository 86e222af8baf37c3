// A screen that the browser laid aside whole, and shows again when somebody goes back, was drawn before what they did meanwhile: it is
// asked for anew, at the place where it was read. Where something is typed or ticked that was not sent, it stays as it was left.

window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || !window.navigator.onLine) return;
  const open = document.querySelectorAll('form[method="post"]:not([data-sent])');
  if (!Array.from(open).some((form) => Array.from(form.elements).some(isTyped))) window.location.reload();
});

/** Whether a field says something else than when it was drawn. */
function isTyped(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return field.selectedIndex !== Math.max(0, Array.from(field.options).findIndex((one) => one.defaultSelected));
  return "defaultValue" in field && field.value !== field.defaultValue;
}

// Whether somebody has typed or ticked something that was not sent.

/** Forms of this screen that would send something and were not sent; `kind` narrows which. */
export const unsent = (kind = "") => Array.from(document.querySelectorAll(`form[method="post"]${kind}:not([data-sent])`));

/** Whether a field of the form says something else than when it was drawn. */
export const isTypedIn = (form) => Array.from(form.elements).some(isTyped);

function isTyped(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return field.selectedIndex !== Math.max(0, Array.from(field.options).findIndex((one) => one.defaultSelected));
  return "defaultValue" in field && field.value !== field.defaultValue;
}

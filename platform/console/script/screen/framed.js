// Pages of a site beside a form: in the width that is chosen, and drawn anew when what the form says has changed.
import { fitted } from "./fit.js";
import { pointed } from "./pointed.js";

for (const box of document.querySelectorAll("[data-framed]")) {
  const widths = box.querySelector("[data-widths]");
  const stage = box.querySelector("[data-stage]");
  widths.hidden = false;
  fitted(stage, Array.from(widths.querySelectorAll("[data-width]")))();
  for (const frame of stage.querySelectorAll("iframe[data-block]")) pointed(frame);
}

for (const form of document.querySelectorAll("form[data-shown-in]")) {
  const show = form.querySelector("[data-show]");
  form.addEventListener("change", () => form.requestSubmit(show));
}

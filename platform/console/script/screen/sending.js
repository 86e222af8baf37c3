// Forms that a script makes, and what htmx sends, carry the token as well.
import { NAME, token } from "../send.js";

document.addEventListener("formdata", (event) => {
  if (event.target.method === "post") event.formData.set(NAME, token());
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["x-csrf-token"] = token();
});

// Forms that a script makes, and what htmx sends, carry the token as well.
import { NAME, isOver, look, token } from "../send.js";

document.addEventListener("formdata", (event) => {
  if (event.target.method === "post") event.formData.set(NAME, token());
});
document.addEventListener("htmx:confirm", async (event) => {
  if (!isOver()) return;
  event.preventDefault();
  await look();
  event.detail.issueRequest(true);
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["x-csrf-token"] = token();
});

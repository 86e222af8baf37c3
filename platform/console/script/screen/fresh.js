// A screen that the browser laid aside whole, and shows again when somebody goes back, was drawn before what they did meanwhile: it is
// asked for anew, at the place where it was read. Where something is typed or ticked that was not sent, it stays as it was left.
import { isTypedIn, unsent } from "./typed.js";

window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || !window.navigator.onLine) return;
  if (!unsent().some(isTypedIn)) window.location.reload();
});

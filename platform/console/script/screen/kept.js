// What is left in this browser of a form that was saved is no longer wanted; the screen that says so need not be the form's.
import * as drafts from "./drafts.js";

const SENT = "tongyuan:sent";
const sent = window.sessionStorage;

/** Notes what is being sent, so that it can be dropped once it is known to have arrived. */
export function note(name) {
  sent.setItem(SENT, name);
}

if (document.querySelector("[data-saved]") && sent.getItem(SENT)) drafts.drop(sent.getItem(SENT));
sent.removeItem(SENT);

// On a shared machine nothing stays behind but what exists nowhere else.
if (document.querySelector("form[action$='/sign-in']")) {
  for (const entry of drafts.list()) if (entry.held) drafts.drop(entry.name);
  sent.clear();
}

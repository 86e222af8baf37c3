// A form that keeps nothing of itself (`data-guarded`) is not left with something typed in it before the browser has asked. One that was
// drawn with what was typed before and is nowhere else says so: `data-guarded="typed"`.
import { isTypedIn, unsent } from "./typed.js";

window.addEventListener("beforeunload", (event) => {
  // Where nobody has touched the screen a browser asks nothing, and complains of being told to.
  if (navigator.userActivation?.hasBeenActive === false) return;
  if (unsent("[data-guarded]").some((form) => form.dataset.guarded === "typed" || isTypedIn(form))) event.preventDefault();
});

// Whoever presses 取消 has answered already.
document.addEventListener("click", ({ target }) => {
  const form = target.closest?.("a[data-drops]")?.closest("form");
  if (form) form.dataset.sent = "1";
});

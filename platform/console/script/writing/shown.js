// The text on the page of its own site or of one that shows it, drawn anew whenever somebody pauses, in the width of a phone, a tablet or a desk.
import { fitted } from "../screen/fit.js";
import { all } from "./values.js";

const PAUSE = 1_200;

const box = document.getElementById("as-shown");

if (box) {
  const form = box.closest("form");
  const stage = box.querySelector("[data-stage]");
  const widths = Array.from(box.querySelectorAll("[data-width]"));
  let frame = null;
  let timer = null;
  let shown = "";
  const target = document.getElementById("shown-on");

  box.hidden = false;
  box.addEventListener("toggle", () => {
    draw();
    if (box.open) box.scrollIntoView({ block: "start" });
  });
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(draw, PAUSE);
    });
  }
  const fit = fitted(stage, widths);

  /** Into a frame of its own, so that going back leads to the page before the form; the old one stays until the new is there. */
  function draw() {
    const values = all(form);
    const address = target?.value ? `${box.dataset.address}&placement=${target.value}` : box.dataset.address;
    const wanted = JSON.stringify([address, values]);
    if (!box.open || wanted === shown) return;
    shown = wanted;
    const next = document.createElement("iframe");
    next.name = "as-shown";
    next.title = "网站效果";
    stage.append(next);
    const sent = document.createElement("form");
    Object.assign(sent, { method: "post", action: address, target: next.name, hidden: true });
    for (const [name, value] of values) sent.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(sent);
    next.addEventListener("load", () => {
      for (const old of stage.querySelectorAll("iframe")) {
        if (old === next) continue;
        next.contentWindow.scrollTo(0, old.contentWindow.scrollY);
        old.remove();
      }
    });
    frame?.removeAttribute("name");
    frame = next;
    fit();
    // Not through the button's event: nothing is being saved.
    sent.submit();
    sent.remove();
  }
}

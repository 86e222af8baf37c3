// What is live in the library, found by its title.
import { desk } from "./upload.js";

/** A field to look for resources with; `done` is given the number and title of the one that is chosen. */
export function seek(done) {
  const box = document.createElement("div");
  box.className = "field";
  const label = document.createElement("label");
  label.className = "form-label";
  label.htmlFor = "ask-sought";
  label.textContent = "查找本平台已发布的内容";
  const input = Object.assign(document.createElement("input"), { type: "search", id: "ask-sought", className: "form-control", autocomplete: "off" });
  const found = document.createElement("div");
  found.className = "found";
  found.setAttribute("aria-live", "polite");
  let asked = 0;
  input.addEventListener("input", async () => {
    asked += 1;
    const mine = asked;
    if (!input.value.trim()) {
      found.replaceChildren();
      return;
    }
    const answer = await fetch(`${desk}/resources/linkable?${new URLSearchParams({ sought: input.value })}`).catch(() => null);
    const html = answer?.ok ? await answer.text() : '<p class="fine">暂时无法查找，请稍后再试。</p>';
    if (mine === asked) found.innerHTML = html;
  });
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  found.addEventListener("click", (event) => {
    const { resource, title } = event.target.closest("button")?.dataset ?? {};
    if (resource) done({ resource, title });
  });
  box.append(label, input, found);
  return box;
}

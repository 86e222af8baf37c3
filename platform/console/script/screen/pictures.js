// Where a picture of a block leads: a text of the library, found by its title. Without it, the address is pasted.
import { seek } from "../writing/library.js";
import { ask } from "./dialog.js";
import { button } from "./parts.js";

for (const field of document.querySelectorAll("[data-linked]")) {
  const which = field.labels[0].querySelector(".visually-hidden").textContent;
  const hint = document.getElementById(`${field.id}-hint`);
  const find = button("查找稿件", "btn btn-sm", async () => {
    const answer = await ask("链接到稿件", [], { extra: seek });
    if (!answer?.resource) return;
    field.value = `resource:${answer.resource}`;
    hint.textContent = `将链接到稿件“${answer.title}”，稿件移动后仍然有效`;
  });
  find.setAttribute("aria-label", `查找稿件${which}`);
  field.after(find);
}

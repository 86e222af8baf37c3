// Fields that hold numbers of resources are filled by looking for them.
import { button } from "../screen/parts.js";
import { ask } from "../screen/dialog.js";
import { seek } from "./library.js";

for (const box of document.querySelectorAll("[data-resources]")) {
  const field = document.getElementById(box.dataset.resources);
  const label = box.querySelector("label").textContent.trim();
  const find = button("查找…", "btn btn-sm", async () => {
    const answer = await ask(`查找：${label}`, [], { done: "关闭", extra: (done) => seek(done) });
    if (!answer?.resource) return;
    const before = field.value.split(/[,，、;；\s]+/).filter(Boolean);
    const isOne = box.dataset.resources === "superseded_by";
    field.value = [...(isOne ? [] : before.filter((id) => id !== answer.resource)), answer.resource].join("，");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  find.setAttribute("aria-label", `查找：${label}`);
  field.after(find);
}

// A button beside what is to be copied, where the browser lets pages put something on the clipboard.
import { button } from "./parts.js";

if (navigator.clipboard) {
  for (const source of document.querySelectorAll("[data-copied]")) {
    const told = document.createElement("span");
    told.setAttribute("role", "status");
    told.className = "fine";
    const copy = button(`复制${source.dataset.copied}`, "btn btn-sm", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent);
        told.textContent = " 已复制";
      } catch {
        told.textContent = " 浏览器不允许复制，请手动选中";
      }
    });
    source.after(" ", copy, told);
  }
}

// A box above the boxes: it chooses every line of the page at once.
const head = document.querySelector(".lines-chosen thead th:first-child");
const boxes = Array.from(document.querySelectorAll(".lines-choose input"));

if (head && boxes.length) {
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "form-check-input lines-all";
  all.setAttribute("aria-label", "选择本页全部");
  head.append(all);
  const look = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) box.addEventListener("change", look);
  window.addEventListener("pageshow", look);
  look();
}

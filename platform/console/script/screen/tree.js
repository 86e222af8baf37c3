// Dragging in the channel tree. What it does, the buttons of every row do as well.
const tree = document.querySelector("[data-tree]");
if (tree) makeDraggable(tree);

function makeDraggable(tree) {
  let dragged = null;
  const clear = () => {
    for (const row of tree.children) row.classList.remove("tree-before", "tree-into", "tree-after");
  };
  for (const handle of tree.querySelectorAll(".tree-handle")) {
    handle.draggable = true;
    handle.addEventListener("dragstart", (event) => {
      dragged = handle.closest(".tree-row");
      dragged.classList.add("tree-dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.dataset.id);
      event.dataTransfer.setDragImage(dragged, 0, 0);
    });
    handle.addEventListener("dragend", () => {
      dragged?.classList.remove("tree-dragged");
      dragged = null;
      clear();
    });
  }
  tree.addEventListener("dragover", (event) => {
    const row = event.target.closest(".tree-row");
    if (!dragged || !row) return;
    clear();
    const side = sideOf(row, event.clientY);
    if (!target(row, side, dragged)) return;
    event.preventDefault();
    row.classList.add(`tree-${side}`);
  });
  tree.addEventListener("drop", (event) => {
    const row = event.target.closest(".tree-row");
    const to = dragged && row && target(row, sideOf(row, event.clientY), dragged);
    if (!to) return;
    event.preventDefault();
    send(`${tree.dataset.tree}/${dragged.dataset.id}/place`, `drag:${to}`);
  });
}

/** Above the row, into it, or below it: by thirds of its height. */
function sideOf(row, y) {
  const { top, height } = row.getBoundingClientRect();
  const part = (y - top) / height;
  return part < 1 / 3 ? "before" : part > 2 / 3 ? "after" : "into";
}

/** Parent and next sibling of the place, or nothing where the dragged row would stay where it is. */
function target(row, side, dragged) {
  const { id, parent, next } = row.dataset;
  const own = dragged.dataset;
  if (id === own.id) return null;
  if (side === "into") return `${id}.0`;
  const before = side === "before" ? id : next;
  if (before === own.id || (parent === own.parent && before === own.next)) return null;
  return `${parent}.${before}`;
}

function send(address, to) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "to", value: to });
  form.append(field);
  document.body.append(form);
  form.submit();
}

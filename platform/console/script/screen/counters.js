// A counter beside every field with a limit.
for (const field of document.querySelectorAll("[data-most]")) {
  count(field);
  field.addEventListener("input", () => count(field));
}

function count(field) {
  const most = Number(field.dataset.most);
  const label = document.querySelector(`label[for="${field.id}"]`);
  if (!most || !label) return;
  const shown = label.querySelector(".counter") ?? label.appendChild(document.createElement("span"));
  shown.className = "counter";
  shown.setAttribute("aria-hidden", "true");
  const length = Array.from(field.value.trim()).length;
  shown.textContent = `${length} / ${most}`;
  shown.classList.toggle("counter-over", length > most);
}

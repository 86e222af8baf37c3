// Fields for one kind of resource appear with the channels that take it.
const parts = document.querySelectorAll("[data-for]");
const channel = document.getElementById("channel");

function fit() {
  const kind = channel.options[channel.selectedIndex]?.dataset.kind;
  for (const part of parts) part.hidden = part.dataset.for !== kind;
}

if (parts.length && channel) {
  channel.addEventListener("change", fit);
  fit();
}

// Fields for policy files appear with the channels that take them.
const policy = document.querySelector("[data-policy]");
const channel = document.getElementById("channel");

function fit() {
  policy.hidden = channel.options[channel.selectedIndex]?.dataset.kind !== "policy";
}

if (policy && channel) {
  channel.addEventListener("change", fit);
  fit();
}

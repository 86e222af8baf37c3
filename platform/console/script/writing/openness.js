// Why something is not made public is asked where it is not; what was written there stays in sight.
const openness = document.getElementById("openness");
const reason = document.getElementById("openness_reason");

function fit() {
  reason.closest(".field").hidden = openness.value === "active" && !reason.value;
}

if (openness && reason) {
  openness.addEventListener("change", fit);
  fit();
}

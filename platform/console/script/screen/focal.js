// The focal point of a picture is chosen by a click upon it.
const focal = document.querySelector("[data-focal]");
if (focal) {
  const across = document.getElementById("focal_x");
  const down = document.getElementById("focal_y");
  const mark = focal.querySelector(".focal-mark");
  const seen = focal.querySelector("img");
  const percent = (field) => `${Math.min(Math.max(Number(field.value), 0), 100)}%`;
  const place = () => {
    mark.style.left = percent(across);
    mark.style.top = percent(down);
  };
  focal.classList.add("focal-on");
  mark.hidden = false;
  place();
  for (const field of [across, down]) field.addEventListener("input", place);
  seen.addEventListener("click", (event) => {
    const frame = seen.getBoundingClientRect();
    across.value = Math.round(((event.clientX - frame.left) / frame.width) * 100);
    down.value = Math.round(((event.clientY - frame.top) / frame.height) * 100);
    place();
  });
}

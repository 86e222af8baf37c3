// Frames that show a page of a site: laid out in the width of a phone, a tablet or a desk, and made as small as there is room.

const KEPT = "preview-width";

/** Fits every frame of the stage into it, now, when the stage changes, and when another width is chosen; what was chosen is kept. */
export function fitted(stage, widths) {
  const wished = window.localStorage.getItem(KEPT) ?? (window.innerWidth < 768 ? "390" : widths[0].dataset.width);
  let width = Number(wished);
  const press = () => {
    for (const one of widths) one.setAttribute("aria-pressed", String(Number(one.dataset.width) === width));
  };
  const fit = () => {
    const scale = Math.min(1, stage.clientWidth / width);
    for (const one of stage.querySelectorAll("iframe")) {
      one.style.width = `${width}px`;
      one.style.height = `${stage.clientHeight / scale}px`;
      one.style.transform = `scale(${scale})`;
    }
  };
  for (const one of widths) {
    one.addEventListener("click", () => {
      width = Number(one.dataset.width);
      window.localStorage.setItem(KEPT, one.dataset.width);
      press();
      fit();
    });
  }
  press();
  new ResizeObserver(fit).observe(stage);
  return fit;
}

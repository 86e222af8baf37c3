// Frames that show a page of a site: laid out in the width of a phone, a tablet or a desk, and made as small as there is room.

/** Fits every frame of the stage into it, now, when the stage changes, and when another width is chosen. */
export function fitted(stage, widths) {
  let width = Number(widths[0].dataset.width);
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
      for (const other of widths) other.setAttribute("aria-pressed", String(other === one));
      fit();
    });
  }
  new ResizeObserver(fit).observe(stage);
  return fit;
}

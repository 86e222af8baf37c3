// The block that was moved or filled in just now is brought into view in the page beside the form, and marked for a moment.

const MOMENT = 2500;

/** Points at the block a frame names, as soon as its page is there. */
export function pointed(frame) {
  // Only the page within the frame moves: whoever presses a button again finds it where it was.
  const point = () => {
    const page = frame.contentDocument;
    const named = page?.getElementById(frame.dataset.block);
    if (!named) return;
    const block = named.closest("section") ?? named;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const top = block.getBoundingClientRect().top + frame.contentWindow.scrollY - 24;
    frame.contentWindow.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
    const mark = { outline: "4px solid #1a56c4", outlineOffset: "4px" };
    block.animate([mark, calm ? mark : { ...mark, outlineColor: "transparent" }], { duration: MOMENT, easing: "ease-in" });
  };
  frame.addEventListener("load", point);
  if (frame.contentDocument?.readyState === "complete") point();
}

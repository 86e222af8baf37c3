// Parts that scripts put on a screen.

/** A button that does something here and sends nothing. */
export function button(label, look, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = look;
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

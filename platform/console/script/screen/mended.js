// A field whose mistake is being put right says no more that it is wrong; whether it is right now, the next try tells.
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.getAttribute?.("aria-invalid") !== "true") return;
    const told = `${target.id}-problem`;
    const others = (target.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== told);
    target.removeAttribute("aria-invalid");
    target.classList.remove("is-invalid");
    if (others.length) target.setAttribute("aria-describedby", others.join(" "));
    else target.removeAttribute("aria-describedby");
    document.getElementById(told)?.remove();
  });
}

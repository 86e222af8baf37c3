// On a phone a menu is wider than the screen: where one is stays in sight.
for (const menu of document.querySelectorAll(".bar-menu, .within")) {
  const here = menu.querySelector("[aria-current]");
  if (!here) continue;
  const centre = () => { menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2; };
  centre();
  window.addEventListener("resize", centre);
}

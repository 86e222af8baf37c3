// On a phone a menu is wider than the screen: where one is stays in sight, and it shows on which side there is more.
import { showEnds } from "./parts.js";

for (const menu of document.querySelectorAll(".bar-menu, .within")) {
  showEnds(menu);
  const here = menu.querySelector("[aria-current]");
  if (!here) continue;
  const centre = () => { menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2; };
  centre();
  window.addEventListener("resize", centre);
}

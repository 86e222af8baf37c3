// On a phone the menu is wider than the screen: where one is stays in sight.
const menu = document.querySelector(".bar-menu");
const here = menu?.querySelector("[aria-current]");

function centre() {
  menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
}

if (here) {
  centre();
  window.addEventListener("resize", centre);
}

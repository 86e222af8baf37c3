// The switch between light and dark.
import { button } from "./parts.js";

const root = document.documentElement;
const place = document.querySelector(".bar-person");

if (place) {
  const turn = button("", "btn btn-sm", () => {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    window.localStorage.setItem("theme", root.dataset.bsTheme);
    name();
  });
  const name = () => { turn.textContent = root.dataset.bsTheme === "dark" ? "浅色" : "深色"; };
  turn.title = "切换浅色或深色界面";
  name();
  place.querySelector("form").before(turn);
}

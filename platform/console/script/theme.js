// Light or dark, decided before anything is drawn: as the person chose, else as their system is.
let chosen = null;
try {
  chosen = window.localStorage.getItem("theme");
} catch {
  // Where nothing may be kept, the system decides.
}
document.documentElement.dataset.bsTheme = chosen ?? (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

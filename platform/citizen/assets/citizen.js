// What makes forms of 用户中心 a little kinder; everything works without it.

// What is wrong is read out and seen first.
document.querySelector("[data-problems]")?.focus();

// A form is sent once: a second code would end the first.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const buttons = form.querySelectorAll("button:not([name])");
    setTimeout(() => { for (const button of buttons) button.disabled = true; });
    setTimeout(() => { for (const button of buttons) button.disabled = false; }, 5000);
  });
}

// A page that comes back from the browser's memory has its buttons again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[disabled]")) button.disabled = false;
});

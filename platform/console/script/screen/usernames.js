// Offers people by name where usernames are written, several in a line: pressing one puts their username in place of the last word.
for (const offers of document.querySelectorAll("[data-usernames]")) {
  const field = document.getElementById(offers.dataset.for);
  const address = offers.dataset.usernames;
  let asked = 0;
  let rest = 0;

  const head = () => field.value.replace(/[^,，、\s]*$/, "");
  const ask = async () => {
    const turn = ++asked;
    const sought = field.value.slice(head().length);
    const answer = await fetch(`${address}?${new URLSearchParams({ sought })}`).catch(() => null);
    // What was typed meanwhile asks for itself.
    if (turn !== asked || !answer?.ok || answer.redirected) return;
    offers.innerHTML = await answer.text();
    offers.hidden = false;
  };
  field.addEventListener("focus", ask);
  field.addEventListener("input", () => {
    window.clearTimeout(rest);
    rest = window.setTimeout(ask, 250);
  });
  offers.addEventListener("click", (event) => {
    const username = event.target.closest("[data-username]")?.dataset.username;
    if (!username) return;
    const before = head();
    const taken = before.split(/[,，、\s]+/).includes(username);
    field.value = taken ? before : `${before}${username}，`;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
}

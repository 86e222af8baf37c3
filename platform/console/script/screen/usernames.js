// Offers people by name where usernames are written, several in a line: pressing one puts their name and username in place of the last
// word, or where but one is asked for, in place of all.
for (const offers of document.querySelectorAll("[data-usernames]")) {
  const field = document.getElementById(offers.dataset.for);
  const address = offers.dataset.usernames;
  let asked = 0;
  let rest = 0;

  const isOne = "one" in offers.dataset;
  const head = () => (isOne ? "" : field.value.replace(/[^,，、\s]*$/, ""));
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
    const person = event.target.closest("[data-username]")?.dataset;
    if (!person) return;
    const before = head();
    const taken = before.split(/[,，、\s]+/).some((word) => [person.username, person.told].includes(word));
    field.value = taken ? before : `${before}${person.told}${isOne ? "" : "，"}`;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
}

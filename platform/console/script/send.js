// What a page sends carries the token of the session, which is in each of its forms as they were drawn.
export const NAME = "_token";
const HEADER = "x-csrf-token";

// Whether the session that the page was drawn for was seen to be over; each bundle of the page can tell.
const seen = document.documentElement.dataset;
export const isOver = () => seen.session === "over";

const held = (page = document) => page.querySelectorAll(`input[name="${NAME}"]`);

/** The token of the session, as far as this page knows. */
export const token = () => held()[0]?.value ?? "";

/** Sends something by itself. Whoever has signed in anew since the page was drawn has another token by now. */
export async function post(address, options) {
  if (isOver()) await look();
  const answer = await send(address, options);
  const over = answer.type === "opaqueredirect" || (answer.redirected && answer.url.includes("/sign-in"));
  seen.session = over ? "over" : "";
  // A refusal tells the token that would have done.
  const other = answer.status === 403 && answer.headers.get(HEADER);
  if (!other || other === token()) return answer;
  hold(other);
  return send(address, options);
}

function send(address, { headers, ...options }) {
  return fetch(address, { method: "POST", headers: { ...headers, [HEADER]: token() }, ...options });
}

/** Looks whether there is a session again, and which token it has. */
export async function look() {
  const answer = await fetch("/console");
  // The form to sign in with has a token too, but there is no session yet.
  if (answer.url.includes("/sign-in")) return;
  const screen = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [field] = held(screen);
  if (!field) return;
  seen.session = "";
  hold(field.value);
}

function hold(other) {
  for (const field of held()) field.value = other;
}

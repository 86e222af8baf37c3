// What this browser keeps of texts being written until the server has them: one entry a sheet, known by person, place and sheet.
const PREFIX = "tongyuan:draft:";
const store = window.localStorage;

/** The name of the entry of a form, and what all entries of the same text begin with. */
export const named = (form) => `${of(form)}${form.elements.namedItem("sheet").value}`;
export const of = (form) => `${PREFIX}${form.dataset.person}:${form.dataset.keep}:`;

/** Entries whose names begin so, the latest first: `{ name, values, title, at, held }`. */
export function list(beginning = PREFIX) {
  const found = Object.keys(store).filter((name) => name.startsWith(beginning)).map((name) => ({ name, ...read(name) }));
  return found.filter((entry) => Array.isArray(entry.values)).sort((one, other) => other.at - one.at);
}

/** Keeps an entry; false where this browser cannot. */
export function keep(name, entry) {
  try {
    store.setItem(name, JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

export function drop(name) {
  store.removeItem(name);
}

function read(name) {
  try {
    return JSON.parse(store.getItem(name)) ?? {};
  } catch {
    return {};
  }
}

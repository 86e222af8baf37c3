// The tools above the text: one stop of the Tab key, the arrows go from tool to tool.
import { button, showEnds } from "../screen/parts.js";

/**
 * A bar of tools. `groups` are lists of tools `{ label, title, run, isActive, isEnabled, look }` or menus
 * `{ label, title, items, shown }` of the same; `run` is a command or does something by itself. Answers the bar and how to bring it up to date.
 */
export function toolbar(view, groups) {
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "正文工具");
  const tools = [];
  for (const group of groups) {
    const box = document.createElement("div");
    box.className = "tools-group";
    for (const tool of group) {
      const made = tool.items ? menu(view, tool) : press(view, tool);
      tools.push(made);
      box.append(...made.elements);
    }
    bar.append(box);
  }
  const stops = tools.map((tool) => tool.elements[0]);
  stops.forEach((stop, at) => { stop.tabIndex = at === 0 ? 0 : -1; });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = stops.indexOf(event.target);
    if (at < 0) return;
    const next = step ? (at + step + stops.length) % stops.length : { Home: 0, End: stops.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    stops.forEach((stop, one) => { stop.tabIndex = one === next ? 0 : -1; });
    stops[next].focus();
  });
  showEnds(bar);
  return { bar, update: (state) => tools.forEach((tool) => tool.update(state)), focus: () => stops.find((stop) => stop.tabIndex === 0).focus() };
}

function press(view, { label, title, run, isActive, isEnabled, look = "" }) {
  const made = button(label, `tool ${look}`, () => {
    if (made.getAttribute("aria-disabled") === "true") return;
    run(view().state, view().dispatch, view());
    view().focus();
  });
  made.title = title;
  if (title.split("（")[0] !== label) made.setAttribute("aria-label", title.split("（")[0]);
  return {
    elements: [made],
    update: (state) => {
      if (isActive) made.setAttribute("aria-pressed", String(isActive(state)));
      // It stays where the keyboard can find it.
      made.setAttribute("aria-disabled", String(isEnabled ? !isEnabled(state) : false));
    },
  };
}

/** How wide a menu is at most, in pixels. */
const WIDTH = 192;

/** How high an entry of a menu is, in pixels. */
const ENTRY = 36;

let menus = 0;

function menu(view, { label, title, items, shown }) {
  menus += 1;
  const list = document.createElement("div");
  list.className = "tool-menu";
  list.id = `tool-menu-${menus}`;
  list.setAttribute("role", "menu");
  list.setAttribute("aria-label", title);
  list.popover = "auto";
  const opener = button(label, `tool tool-opener${shown ? " tool-wide" : ""}`, () => {});
  opener.popoverTargetElement = list;
  opener.title = title;
  if (!shown && title !== label) opener.setAttribute("aria-label", title);
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-expanded", "false");
  const entries = items.map(({ label: text, run, isActive, isEnabled }) => {
    const entry = button(text, "tool-entry", () => {
      if (entry.getAttribute("aria-disabled") === "true") return;
      list.hidePopover();
      run(view().state, view().dispatch, view());
      view().focus();
    });
    entry.setAttribute("role", isActive ? "menuitemcheckbox" : "menuitem");
    entry.tabIndex = -1;
    return { entry, isActive, isEnabled };
  });
  list.append(...entries.map(({ entry }) => entry));
  list.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    const place = opener.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const [above, below] = [place.top - 12, clientHeight - place.bottom - 12];
    // Below its opener, save where there is too little room and more above.
    const isBelow = below >= Math.min(above, entries.length * ENTRY + 12);
    Object.assign(list.style, {
      left: `${Math.max(8, Math.min(place.left, clientWidth - WIDTH - 8))}px`,
      top: isBelow ? `${place.bottom + 4}px` : "auto",
      bottom: isBelow ? "auto" : `${clientHeight - place.top + 4}px`,
      maxHeight: `${isBelow ? below : above}px`,
    });
  });
  list.addEventListener("toggle", (event) => {
    const isOpen = event.newState === "open";
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen && !list.contains(document.activeElement)) entries[0].entry.focus();
  });
  list.addEventListener("keydown", (event) => {
    const at = entries.findIndex(({ entry }) => entry === event.target);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) entries[(at + step + entries.length) % entries.length].entry.focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      list.hidePopover();
      opener.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  opener.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "Enter", " "].includes(event.key)) return;
    event.preventDefault();
    list.showPopover();
    entries[0].entry.focus();
  });
  return {
    elements: [opener, list],
    update: (state) => {
      if (shown) opener.textContent = shown(state);
      for (const { entry, isActive, isEnabled } of entries) {
        if (isActive) entry.setAttribute("aria-checked", String(isActive(state)));
        entry.setAttribute("aria-disabled", String(isEnabled ? !isEnabled(state) : false));
      }
    },
  };
}

// 查找与替换, in a bar below the tools.
import { SearchQuery, findNext, findPrev, replaceAll, replaceNext, search, setSearchState } from "prosemirror-search";
import { TextSelection } from "prosemirror-state";
import { button } from "../screen/parts.js";

export const finding = () => search();

/** The bar; `open` shows it and puts the cursor in. */
export function findBar(view) {
  const bar = document.createElement("div");
  bar.className = "find-bar";
  bar.hidden = true;
  bar.setAttribute("role", "search");
  bar.setAttribute("aria-label", "在正文中查找和替换");
  const [wanted, instead] = [entry("查找"), entry("替换为")];
  const told = document.createElement("span");
  told.className = "fine";
  told.setAttribute("role", "status");

  const matches = () => {
    const query = new SearchQuery({ search: wanted.input.value, literal: true });
    let found = 0;
    for (let from = 0; query.valid; found += 1) {
      const match = query.findNext(view().state, from);
      if (!match) break;
      from = Math.max(match.to, match.from + 1);
    }
    return found;
  };
  const set = () => {
    const query = new SearchQuery({ search: wanted.input.value, replace: instead.input.value, literal: true });
    view().dispatch(setSearchState(view().state.tr, query));
    told.textContent = wanted.input.value ? `共 ${matches()} 处` : "";
  };
  const act = (command) => () => {
    command(view().state, view().dispatch, view());
    told.textContent = `共 ${matches()} 处`;
  };
  const replaceEverything = () => {
    const count = matches();
    replaceAll(view().state, view().dispatch, view());
    told.textContent = count ? `已替换 ${count} 处` : "没有找到";
  };
  const close = () => {
    bar.hidden = true;
    view().dispatch(setSearchState(view().state.tr, new SearchQuery({ search: "" })));
    view().focus();
  };

  for (const { input } of [wanted, instead]) input.addEventListener("input", set);
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === wanted.input) act(event.shiftKey ? findPrev : findNext)();
    else if (event.key === "Enter" && event.target === instead.input) act(replaceNext)();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  bar.append(
    wanted.label, instead.label,
    button("上一处", "btn btn-sm", act(findPrev)), button("下一处", "btn btn-sm", act(findNext)),
    button("替换", "btn btn-sm", act(replaceNext)), button("全部替换", "btn btn-sm", replaceEverything),
    button("关闭", "btn btn-sm", close), told,
  );
  const open = () => {
    bar.hidden = false;
    const { from, to } = view().state.selection;
    const chosen = view().state.doc.textBetween(from, to, "\n");
    if (chosen && !chosen.includes("\n")) wanted.input.value = chosen;
    set();
    wanted.input.select();
    wanted.input.focus();
    return true;
  };
  return { bar, open };
}

/** Selects the given occurrence (from nought) of a piece of text, within whatever block it stands. */
export function select(view, text, occurrence = 0) {
  const query = new SearchQuery({ search: text, literal: true, caseSensitive: true });
  let match = null;
  for (let seen = 0, from = 0; seen <= occurrence; seen += 1) {
    match = query.findNext(view.state, from);
    if (!match) return false;
    from = match.to;
  }
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, match.from, match.to)).scrollIntoView());
  view.focus();
  return true;
}

function entry(text) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "text";
  input.className = "form-control form-control-sm";
  label.append(text, input);
  return { label, input };
}

// The picture that is chosen in the text: what can be done with it stands above the text, for a finger as for the keyboard.
import { NodeSelection } from "prosemirror-state";
import { button } from "../screen/parts.js";
import { describe } from "./commands.js";
import { schema } from "./schema.js";

const picked = (state) => (state.selection instanceof NodeSelection && state.selection.node.type === schema.nodes.image ? state.selection : null);

/** Until the bar comes, in milliseconds: the second press of two must not meet it in place of the picture. */
const PAUSE = 600;

/** A bar that is there as long as a picture is chosen. */
export function pickedPicture(view) {
  const bar = document.createElement("div");
  bar.className = "editor-picked";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "选中的图片");
  bar.hidden = true;
  const words = Object.assign(document.createElement("span"), { className: "fine" });
  bar.append(
    words,
    button("图片说明…", "btn btn-sm", () => describe(view(), view().state.selection.from)),
    button("删除图片", "btn btn-sm", () => {
      view().dispatch(view().state.tr.deleteSelection());
      view().focus();
    }),
  );
  let timer = null;
  return {
    bar,
    update(state) {
      const chosen = picked(state);
      window.clearTimeout(timer);
      if (!chosen) bar.hidden = true;
      else timer = window.setTimeout(() => { bar.hidden = false; }, PAUSE);
      if (chosen) words.textContent = chosen.node.attrs.alt ? `替代文字：${chosen.node.attrs.alt}` : "未填替代文字";
    },
  };
}

/** Says what the chosen picture shows. */
export function describePicked(state, _dispatch, view) {
  const chosen = picked(state);
  if (!chosen) return false;
  describe(view, chosen.from);
  return true;
}

/** Chooses the first picture that has no words of its own. */
export function pickUndescribed(view) {
  let at = null;
  view.state.doc.descendants((node, position) => {
    if (at === null && node.type === schema.nodes.image && !node.attrs.alt) at = position;
    return at === null;
  });
  if (at === null) return;
  view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, at)));
  view.focus();
  view.nodeDOM(at)?.scrollIntoView({ block: "center" });
}

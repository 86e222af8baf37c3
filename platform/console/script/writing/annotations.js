// 批注 beside the text: its words are marked in the editor, never in what is saved, and each is answered and settled without leaving.
import { post } from "../send.js";
import { Plugin, PluginKey, TextSelection } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import { ask } from "../screen/dialog.js";
import { button } from "../screen/parts.js";

const key = new PluginKey("annotations");
const panel = document.getElementById("annotation-panel");
const unsent = new Map(); // answers that did not arrive

export const annotating = () => new Plugin({
  key,
  state: {
    init: (_, state) => marks(state.doc),
    apply: (change, set) => (change.getMeta(key) || change.getMeta("reload") ? marks(change.doc) : set.map(change.mapping, change.doc)),
  },
  props: { decorations: (state) => key.getState(state) },
  view: (editor) => {
    if (panel) watch(editor);
    return {};
  },
});

/** A mark for every annotation that is open and whose words are there: at their place, else where they stand first. */
function marks(doc) {
  const open = panel?.querySelectorAll('[data-state="open"]') ?? [];
  if (!open.length) return DecorationSet.empty;
  const { text, at } = letters(doc);
  const found = Array.from(open, ({ dataset: { annotation, quote, occurrence } }) => {
    const words = squeezed(quote);
    const start = words ? place(text, words, Number(occurrence)) : -1;
    return start < 0 ? null : Decoration.inline(at[start], at[start + words.length - 1] + 1, { class: "annotated" }, { annotation });
  });
  return DecorationSet.create(doc, found.filter(Boolean));
}

const squeezed = (words) => words.replace(/\s/g, "");

function place(text, words, occurrence) {
  const first = text.indexOf(words);
  let at = first;
  for (let count = 0; at >= 0 && count < occurrence; count += 1) at = text.indexOf(words, at + words.length);
  return at < 0 ? first : at;
}

/** The letters of a document as the server counts them, spaces left out and footnotes where they stand, each with its place. */
function letters(doc) {
  const [text, at] = [[], []];
  doc.descendants((node, position) => {
    const words = node.isText ? node.text : (node.type.name === "footnote" && node.attrs.text) || "";
    for (let index = 0; index < words.length; index += 1) {
      if (/\s/.test(words[index])) continue;
      text.push(words[index]);
      at.push(position + (node.isText ? index : 0));
    }
  });
  return { text: text.join(""), at };
}

function watch(editor) {
  dress();
  panel.addEventListener("click", (event) => {
    const link = event.target.closest('a[href="#body"]');
    const { annotation, quote } = link?.closest("li").dataset ?? {};
    if (!quote) return;
    event.preventDefault();
    event.stopPropagation();
    const found = key.getState(editor.state).find(undefined, undefined, (spec) => spec.annotation === annotation);
    if (!found.length) {
      tell("原文已改动，请按批注内容核对。");
      return;
    }
    const { doc } = editor.state;
    const selection = TextSelection.create(doc, found[0].from, found.at(-1).to);
    editor.dispatch(editor.state.tr.setSelection(selection).scrollIntoView());
    editor.focus();
  });

  /** Every annotation gets what can be done with it here. */
  function dress() {
    for (const one of panel.querySelectorAll("[data-annotation]")) {
      const isOpen = one.dataset.state === "open";
      const deeds = document.createElement("div");
      deeds.className = "actions";
      deeds.append(
        button(isOpen ? "标为已处理" : "重新打开", "btn btn-sm", () => send(one, "settle", { state: isOpen ? "done" : "open" })),
        button("答复", "btn btn-sm", () => answer(one)),
      );
      one.append(deeds);
    }
  }

  async function answer(one) {
    const { annotation } = one.dataset;
    const field = { name: "text", label: "答复内容", type: "textarea", required: true, most: 1000, value: unsent.get(annotation) };
    const given = await ask("答复批注", [field], { done: "保存答复" });
    if (!given) return;
    unsent.set(annotation, given.text);
    if (await send(one, "answer", given)) unsent.delete(annotation);
  }

  async function send(one, deed, fields) {
    const body = new URLSearchParams({ ...fields, back: "form" });
    const address = `${panel.dataset.address}/${one.dataset.annotation}/${deed}`;
    const given = await post(address, { body }).catch(() => null);
    if (!given?.ok || given.url.includes("/sign-in")) {
      tell("未能保存，请检查网络或重新登录后再试。");
      return false;
    }
    panel.innerHTML = await given.text();
    dress();
    editor.dispatch(editor.state.tr.setMeta(key, true));
    const again = document.getElementById(one.id);
    (again?.checkVisibility() ? again : panel).focus();
    tell(deed === "answer" ? "答复已保存。" : fields.state === "done" ? "批注已标为已处理。" : "批注已重新打开。");
    return true;
  }
}

function tell(words) {
  document.getElementById("annotation-told").textContent = words;
}

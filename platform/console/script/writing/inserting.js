// Pictures and files of the library on their way into the text; the cursor is back in it afterwards.
import { choose } from "./chooser.js";
import { schema } from "./schema.js";

const { nodes, marks } = schema;

/** A picture, with what it shows. */
export async function insertPicture(_state, _dispatch, view) {
  const [chosen] = (await choose("image")) ?? [];
  if (chosen) view.dispatch(view.state.tr.replaceSelectionWith(nodes.image.create({ src: `media:${chosen.id}`, alt: chosen.alt }), false).scrollIntoView());
  view.focus();
}

/** A link to a file: upon the words that are chosen, else with its name. */
export async function insertFileLink(_state, _dispatch, view) {
  const [chosen] = (await choose("link")) ?? [];
  if (chosen) {
    const { from, to, empty } = view.state.selection;
    const made = marks.link.create({ href: `media:${chosen.id}` });
    const change = view.state.tr;
    if (empty) change.replaceSelectionWith(schema.text(chosen.name, [made]), false);
    else change.addMark(from, to, made);
    view.dispatch(change.removeStoredMark(marks.link).scrollIntoView());
  }
  view.focus();
}

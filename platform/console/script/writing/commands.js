// What the tools do to the text.
import { lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { liftListItem, wrapInList } from "prosemirror-schema-list";
import { NodeSelection, TextSelection } from "prosemirror-state";
import { addRowAfter, goToNextCell, isInTable } from "prosemirror-tables";
import { ask } from "../screen/dialog.js";
import { seek } from "./library.js";
import { leads, schema } from "./schema.js";

const { nodes, marks } = schema;

/** Whether the cursor is within a mark, or all that is chosen has it. */
export const has = (mark) => ({ selection: { from, to, empty, $from }, storedMarks, doc }) =>
  empty ? Boolean(mark.isInSet(storedMarks ?? $from.marks())) : doc.rangeHasMark(from, to, mark);

/** What kind of paragraph the cursor is in. */
export function kindOf({ selection: { $from } }) {
  if ($from.parent.type === nodes.heading) return { 2: "一级标题", 3: "二级标题", 4: "三级标题" }[$from.parent.attrs.level] ?? "小标题";
  for (let depth = $from.depth; depth > 0; depth -= 1) if ($from.node(depth).type === nodes.blockquote) return "引用";
  return "正文";
}

export const toHeading = (level) => (state, dispatch) => setBlockType(nodes.heading, { level })(state, dispatch);

export function toBody(state, dispatch) {
  return setBlockType(nodes.paragraph)(state, dispatch) || lift(state, dispatch);
}

export const toQuote = wrapIn(nodes.blockquote);

const listAround = ({ selection: { $from } }, type) => {
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type === nodes.bullet_list || node.type === nodes.ordered_list) return node.type === type ? "same" : { node, position: $from.before(depth) };
  }
  return null;
};

export const isListed = (type) => (state) => listAround(state, type) === "same";

/** Makes a list, makes one of the other kind of it, or ends it. */
export const toggleList = (type) => (state, dispatch) => {
  const around = listAround(state, type);
  if (around === "same") return liftListItem(nodes.list_item)(state, dispatch);
  if (!around) return wrapInList(type)(state, dispatch);
  dispatch?.(state.tr.setNodeMarkup(around.position, type));
  return true;
};

/** Sets what the chosen paragraphs and headings look like. */
const set = (change) => (state, dispatch) => {
  const transaction = state.tr;
  for (const { $from, $to } of state.selection.ranges) {
    state.doc.nodesBetween($from.pos, $to.pos, (node, position) => {
      if ("align" in (node.type.spec.attrs ?? {})) transaction.setNodeMarkup(position, null, { ...node.attrs, ...change(node.attrs) });
    });
  }
  if (transaction.docChanged) dispatch?.(transaction);
  return transaction.docChanged;
};

export const align = (to) => set(() => (to ? { align: to, indent: false } : { align: null }));

export const indent = set(({ indent: before }) => ({ indent: !before, align: null }));

export const isAligned = (to) => ({ selection: { $from } }) => ($from.parent.attrs.align ?? null) === to;

export const isIndented = ({ selection: { $from } }) => Boolean($from.parent.attrs.indent);

/** Takes every look away that is not structure. */
export function clear(state, dispatch) {
  const transaction = state.tr;
  for (const { $from, $to } of state.selection.ranges) {
    for (const mark of Object.values(marks)) if (mark !== marks.link) transaction.removeMark($from.pos, $to.pos, mark);
  }
  transaction.setStoredMarks([]);
  dispatch?.(transaction);
  set(() => ({ align: null, indent: false }))(state.apply(transaction), dispatch);
  return true;
}

/** A table with a head. */
export async function insertTable(_state, _dispatch, view) {
  const size = await ask("插入表格", [
    { name: "rows", label: "行数（含表头）", type: "number", value: "3", min: "1", max: "60", required: true },
    { name: "columns", label: "列数", type: "number", value: "3", min: "1", max: "20", required: true },
  ], { done: "插入" });
  if (!size) return;
  const line = (type) => nodes.table_row.create(null, Array.from({ length: Number(size.columns) }, () => type.createAndFill()));
  const rows = Array.from({ length: Number(size.rows) }, (_, at) => line(at === 0 ? nodes.table_header : nodes.table_cell));
  const at = view.state.selection.from;
  view.dispatch(view.state.tr.replaceSelectionWith(nodes.table.create(null, rows)).scrollIntoView());
  // Into its first cell.
  view.state.doc.nodesBetween(at > 0 ? at - 1 : 0, view.state.doc.content.size, (node, position) => {
    if (node.type !== nodes.table || position < at - 2) return true;
    view.dispatch(view.state.tr.setSelection(view.state.selection.constructor.near(view.state.doc.resolve(position + 3))));
    return false;
  });
  view.focus();
}

/** From the last cell of a table into a line more, which is made. */
export function nextLine(state, dispatch, view) {
  if (!isInTable(state)) return false;
  if (dispatch) {
    addRowAfter(state, dispatch);
    goToNextCell(1)(view.state, dispatch);
  }
  return true;
}

/** From the last line of a table that ends the text into a line below it, which is made. */
export function leaveTable(state, dispatch, view) {
  const { $head, empty } = state.selection;
  const table = state.doc.lastChild;
  if (!empty || $head.depth < 4 || $head.node(1) !== table || table.type !== nodes.table) return false;
  const isLast = $head.index(1) === table.childCount - 1 && $head.index(3) === $head.node(3).childCount - 1;
  const isNested = Array.from({ length: $head.depth - 3 }, (_, at) => $head.node(at + 4)).some((node) => node.type === nodes.table);
  if (!isLast || isNested || !view?.endOfTextblock("down")) return false;
  const end = state.doc.content.size;
  const change = state.tr.insert(end, nodes.paragraph.create());
  dispatch?.(change.setSelection(TextSelection.create(change.doc, end + 1)).scrollIntoView());
  return true;
}

export const outsideTable = (state) => !isInTable(state);

/** A link to a public address, or to something in the library, which keeps leading there when that moves. */
export async function link(state, dispatch, view) {
  const { from, to, empty, $from } = state.selection;
  const before = marks.link.isInSet($from.marks())?.attrs.href ?? "";
  if (empty && before) return editLink(view, before);
  const chosen = state.doc.textBetween(from, to, " ");
  const answer = await askForLink({ words: chosen, address: "" });
  if (!answer) return undefined;
  const words = answer.words || answer.title || answer.address;
  const made = marks.link.create({ href: answer.address });
  const change = view.state.tr;
  if (!empty && words === chosen) change.addMark(from, to, made);
  else change.replaceSelectionWith(schema.text(words, [made]), false);
  view.dispatch(change.removeStoredMark(marks.link).scrollIntoView());
  view.focus();
  return undefined;
}

const library = (done, words) => seek(({ resource, title }) => done({ address: `resource:${resource}`, words: words || title, title }));

async function editLink(view, address) {
  const { $from } = view.state.selection;
  let [from, to] = [$from.pos, $from.pos];
  const parent = $from.start();
  $from.parent.forEach((node, offset) => {
    const begins = parent + offset;
    if (begins <= $from.pos && begins + node.nodeSize >= $from.pos && marks.link.isInSet(node.marks)) [from, to] = [begins, begins + node.nodeSize];
  });
  const answer = await askForLink({ words: view.state.doc.textBetween(from, to), address, mayRemove: true });
  if (!answer) return;
  const change = view.state.tr.removeMark(from, to, marks.link);
  if (answer.address) change.addMark(from, to, marks.link.create({ href: answer.address }));
  view.dispatch(change);
  view.focus();
}

async function askForLink({ words, address, mayRemove = false }) {
  const fields = [
    { name: "words", label: "链接文字", value: words },
    { name: "address", label: "网址", value: address, hint: mayRemove ? "清空后确定即取消链接" : "以 https:// 开头；本平台的内容请在下方查找，移动后链接仍有效", required: !mayRemove },
  ];
  let answer = await ask(mayRemove ? "修改链接" : "插入链接", fields, { extra: (done) => library(done, words) });
  while (answer?.address && !leads(answer.address)) {
    fields[0].value = answer.words;
    Object.assign(fields[1], { value: answer.address, hint: "网址不完整，请以 https:// 开头" });
    answer = await ask("插入链接", fields, { extra: (done) => library(done, answer.words) });
  }
  return answer;
}

/** A note whose number and place below the text are the page's concern. */
export async function footnote(state, _dispatch, view) {
  const chosen = state.selection instanceof NodeSelection && state.selection.node.type === nodes.footnote ? state.selection.node : null;
  const answer = await ask(chosen ? "修改脚注" : "插入脚注", [
    { name: "text", label: "脚注内容", type: "textarea", value: chosen?.attrs.text ?? "", required: true, hint: "显示在正文末尾，编号自动生成" },
  ]);
  if (!answer?.text) return;
  view.dispatch(view.state.tr.replaceSelectionWith(nodes.footnote.create({ text: answer.text.replace(/\s+/g, " ") }), false).scrollIntoView());
  view.focus();
}

/** The alternative text of the picture that is chosen. */
export async function describe(view, position) {
  const node = view.state.doc.nodeAt(position);
  const answer = await ask("图片说明", [
    { name: "alt", label: "替代文字", value: node.attrs.alt, hint: "向看不到图片的读者说明图片内容；不填则使用媒体库中的；媒体库中尚无的，保存稿件时一并存入，供以后使用" },
    { name: "width", label: "显示宽度（像素）", type: "number", value: node.attrs.width ?? "", min: "16", max: "4000", hint: "不填则按原图大小显示，不超过正文宽度" },
  ]);
  if (!answer) return;
  const change = view.state.tr.setNodeMarkup(position, null, { ...node.attrs, alt: answer.alt, width: Number(answer.width) || null });
  view.dispatch(change.setSelection(NodeSelection.create(change.doc, position)));
  view.focus();
}

export const mark = (type) => toggleMark(type);

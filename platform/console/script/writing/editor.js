// The text of a resource, written as it will be read. The plain field stays what is sent: it always holds the text as it is.
import { baseKeymap, chainCommands, exitCode } from "prosemirror-commands";
import { dropCursor } from "prosemirror-dropcursor";
import { gapCursor } from "prosemirror-gapcursor";
import { history, redo, undo } from "prosemirror-history";
import { inputRules, textblockTypeInputRule, wrappingInputRule } from "prosemirror-inputrules";
import { keymap } from "prosemirror-keymap";
import { Slice } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem } from "prosemirror-schema-list";
import { EditorState, NodeSelection, Plugin } from "prosemirror-state";
import * as tables from "prosemirror-tables";
import { EditorView } from "prosemirror-view";
import { annotating } from "./annotations.js";
import * as commands from "./commands.js";
import { importDocx } from "./docx.js";
import { findBar, finding, select } from "./find.js";
import { insertFileLink, insertPicture } from "./inserting.js";
import { layOut } from "./layout.js";
import { bringing } from "./paste.js";
import { describePicked, pickUndescribed, pickedPicture } from "./picked.js";
import { schema } from "./schema.js";
import { read, write } from "./text.js";
import { toolbar } from "./toolbar.js";
import { desk } from "./upload.js";

const { nodes, marks } = schema;
const body = document.getElementById("body");
let view = null;

if (body) begin();

function begin() {
  const frame = document.createElement("div");
  frame.className = "editor";
  const status = document.createElement("p");
  status.className = "editor-told fine";
  status.setAttribute("role", "status");
  const tell = (words) => { status.textContent = words; };
  const find = findBar(() => view);
  const tools = toolbar(() => view, groups({ find, frame, tell }));
  const page = document.createElement("div");
  page.className = "editor-page";
  // Tools and search stay in sight together, so that neither lies over the other.
  const head = document.createElement("div");
  head.className = "editor-head";
  const picked = pickedPicture(() => view);
  head.append(tools.bar, find.bar, picked.bar, status);
  frame.append(head, page);
  body.before(frame);
  body.hidden = true;

  view = new EditorView(page, {
    state: fresh(body.value, { find, tools, tell }),
    attributes: named(),
    // A form is frozen from outside; whatever else the page shows anew meanwhile leaves it so.
    editable: () => !body.form.classList.contains("frozen"),
    nodeViews: { image: picture, footnote: note },
    ...bringing(tell),
    dispatchTransaction(transaction) {
      view.updateState(view.state.apply(transaction));
      tools.update(view.state);
      picked.update(view.state);
      if (transaction.docChanged && !transaction.getMeta("reload")) {
        body.value = write(view.state.doc);
        body.dispatchEvent(new Event("input", { bubbles: true }));
      }
    },
    handleDoubleClickOn: (_view, _position, node, at) => node.type === nodes.image && (commands.describe(view, at), true),
  });
  tools.update(view.state);

  // Whoever puts another text into the field has it shown.
  body.addEventListener("change", () => {
    if (body.value === write(view.state.doc)) return;
    const doc = read(body.value);
    view.dispatch(view.state.tr.replace(0, view.state.doc.content.size, new Slice(doc.content, 0, 0)).setMeta("reload", true));
  });
  document.addEventListener("tongyuan:find", ({ detail }) => select(view, detail.text, detail.occurrence));
  // What leads to the field leads to the editor.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href="#body"], label[for="body"]');
    if (!link) return;
    event.preventDefault();
    // What a picture lacks is mended at the picture.
    if (link.textContent.includes("替代文字")) pickUndescribed(view);
    view.focus();
  });
}

function fresh(text, { find, tools, tell }) {
  const plugins = [
    inputRules({ rules: [
      wrappingInputRule(/^\s*([-*])\s$/, nodes.bullet_list),
      wrappingInputRule(/^(\d+)\.\s$/, nodes.ordered_list, (match) => ({ start: Number(match[1]) })),
      textblockTypeInputRule(/^(#{2,4})\s$/, nodes.heading, (match) => ({ level: match[1].length })),
    ] }),
    keymap({
      "Mod-z": undo, "Mod-y": redo, "Shift-Mod-z": redo,
      "Mod-b": commands.mark(marks.strong), "Mod-i": commands.mark(marks.em), "Mod-u": commands.mark(marks.u),
      "Mod-k": (state, dispatch, editor) => (commands.link(state, dispatch, editor), true),
      "Mod-f": () => find.open(), "Mod-h": () => find.open(),
      "Mod-Alt-2": commands.toHeading(2), "Mod-Alt-3": commands.toHeading(3), "Mod-Alt-4": commands.toHeading(4), "Mod-Alt-0": commands.toBody,
      Enter: chainCommands(describePicked, splitListItem(nodes.list_item)),
      ArrowDown: commands.leaveTable,
      Tab: chainCommands(tables.goToNextCell(1), commands.nextLine, sinkListItem(nodes.list_item)),
      "Shift-Tab": chainCommands(tables.goToNextCell(-1), liftListItem(nodes.list_item)),
      "Shift-Enter": chainCommands(exitCode, (state, dispatch) => (dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView()), true)),
      "Alt-F10": () => (tools.focus(), true),
    }),
    keymap(baseKeymap),
    history(), dropCursor(), gapCursor(), finding(), annotating(), tables.tableEditing(),
    new Plugin({ view: () => ({ update: ({ state }) => { if (state.doc.content.size > 600_000) tell("正文过长，请控制在50万字以内。"); } }) }),
  ];
  return EditorState.create({ doc: read(text), plugins });
}

function groups({ find, frame, tell }) {
  const mark = (label, title, type, look) => ({ label, title, run: commands.mark(type), isActive: commands.has(type), look });
  const inTable = (label, run) => ({ label, run, isEnabled: run });
  return [
    [
      { label: "撤销", title: "撤销（Ctrl+Z）", run: undo, isEnabled: undo },
      { label: "重做", title: "重做（Ctrl+Y）", run: redo, isEnabled: redo },
    ],
    [{
      label: "正文", title: "段落样式", shown: commands.kindOf,
      items: [
        { label: "正文", run: commands.toBody },
        { label: "一级标题", run: commands.toHeading(2) },
        { label: "二级标题", run: commands.toHeading(3) },
        { label: "三级标题", run: commands.toHeading(4) },
        { label: "引用", run: commands.toQuote },
      ],
    }],
    [
      mark("B", "加粗（Ctrl+B）", marks.strong, "tool-bold"),
      mark("I", "斜体（Ctrl+I）", marks.em, "tool-italic"),
      mark("U", "下划线（Ctrl+U）", marks.u, "tool-underline"),
    ],
    [
      { label: "缩进", title: "段首缩进", run: commands.indent, isActive: commands.isIndented },
      { label: "居左", title: "居左", run: commands.align(null), isActive: commands.isAligned(null) },
      { label: "居中", title: "居中", run: commands.align("center"), isActive: commands.isAligned("center") },
      { label: "居右", title: "居右", run: commands.align("right"), isActive: commands.isAligned("right") },
    ],
    [
      { label: "列表", title: "项目符号列表", run: commands.toggleList(nodes.bullet_list), isActive: commands.isListed(nodes.bullet_list) },
      { label: "编号", title: "编号列表", run: commands.toggleList(nodes.ordered_list), isActive: commands.isListed(nodes.ordered_list) },
    ],
    [
      { label: "图片", title: "从媒体库插入图片", run: insertPicture },
      { label: "链接", title: "链接（Ctrl+K）", run: commands.link },
      {
        label: "表格", title: "表格",
        items: [
          { label: "插入表格…", run: commands.insertTable, isEnabled: (state) => state.selection.empty || commands.outsideTable(state) },
          inTable("在上方插入行", tables.addRowBefore), inTable("在下方插入行", tables.addRowAfter), inTable("删除行", tables.deleteRow),
          inTable("在左侧插入列", tables.addColumnBefore), inTable("在右侧插入列", tables.addColumnAfter), inTable("删除列", tables.deleteColumn),
          inTable("合并单元格", tables.mergeCells), inTable("拆分单元格", tables.splitCell),
          inTable("首行设为表头", tables.toggleHeaderRow), inTable("删除表格", tables.deleteTable),
        ],
      },
    ],
    [
      { label: "导入 Word", title: "导入 Word 文档（.docx）", run: () => chooseDocx(tell) },
      { label: "公文排版", title: "公文排版：识别标题、段首缩进、落款", run: layOut },
      {
        label: "更多", title: "更多工具",
        items: [
          { label: "清除格式", run: commands.clear },
          { label: "上标", run: commands.mark(marks.sup), isActive: commands.has(marks.sup) },
          { label: "下标", run: commands.mark(marks.sub), isActive: commands.has(marks.sub) },
          { label: "插入文件链接…", run: insertFileLink },
          { label: "脚注…", run: commands.footnote },
          { label: "分隔线", run: (state, dispatch) => dispatch(state.tr.replaceSelectionWith(nodes.horizontal_rule.create())) },
          { label: "查找替换（Ctrl+F）", run: () => window.setTimeout(find.open) },
          { label: "全屏（Esc 退出）", run: () => toggleFull(frame), isActive: () => frame.classList.contains("editor-full") },
        ],
      },
    ],
  ];
}

function chooseDocx(tell) {
  const chooser = Object.assign(document.createElement("input"), { type: "file", accept: ".docx" });
  chooser.addEventListener("change", () => chooser.files[0] && importDocx(view, chooser.files[0], document.getElementById("title"), tell));
  chooser.click();
}

function toggleFull(frame) {
  const isFull = frame.classList.toggle("editor-full");
  document.documentElement.classList.toggle("editor-behind", isFull);
  const leave = (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    frame.classList.remove("editor-full");
    document.documentElement.classList.remove("editor-behind");
    document.removeEventListener("keydown", leave);
    view.focus();
  };
  if (isFull) document.addEventListener("keydown", leave);
}

/** The editor is called what the field is called, and says what is wrong with it. */
function named() {
  const label = document.querySelector('label[for="body"]');
  label.id = "body-label";
  const wrong = body.getAttribute("aria-invalid") ? { "aria-invalid": "true" } : {};
  return { role: "textbox", "aria-multiline": "true", "aria-labelledby": label.id, "aria-describedby": body.getAttribute("aria-describedby") ?? "", class: "prose", ...wrong };
}

/** A picture as the console shows it; what is kept is its number in the library. */
function picture(node) {
  const dom = document.createElement("img");
  const show = ({ attrs: { src, alt, width } }) => {
    const medium = /^media:(\d+)$/.exec(src)?.[1];
    dom.src = medium ? `${desk}/media/${medium}/file` : src;
    dom.alt = alt;
    dom.title = alt ? `替代文字：${alt}（选中后按回车或双击修改）` : "选中后按回车或双击，填写替代文字";
    dom.classList.toggle("without-alt", !alt);
    if (width) dom.width = width;
    else dom.removeAttribute("width");
  };
  show(node);
  return { dom, update: (next) => next.type === nodes.image && (show(next), true) };
}

/** A footnote where it is referred to. */
function note(node, editor, position) {
  const dom = document.createElement("sup");
  dom.className = "note";
  dom.textContent = "注";
  dom.title = `脚注：${node.attrs.text}（双击修改）`;
  dom.addEventListener("dblclick", () => {
    editor.dispatch(editor.state.tr.setSelection(NodeSelection.create(editor.state.doc, position())));
    commands.footnote(editor.state, editor.dispatch, editor);
  });
  return { dom };
}


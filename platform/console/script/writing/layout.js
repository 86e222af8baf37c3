// 公文排版: headings, indents and signature as official papers have them, in one step that can be undone.
import { schema } from "./schema.js";

const { paragraph, heading } = schema.nodes;

/** 一、 and （一） begin headings where a line is short and is no sentence. */
const HEADINGS = [
  { level: 2, pattern: /^[一二三四五六七八九十百]+、/ },
  { level: 3, pattern: /^[（(][一二三四五六七八九十百]+[）)]/ },
];

const LONGEST_HEADING = 40;

/** A date alone on its line, in figures or Chinese. */
const DATE = /^(\d{4}|[〇○零一二三四五六七八九]{4})年(\d{1,2}|[一二三四五六七八九十]{1,3})月(\d{1,2}|[一二三四五六七八九十]{1,3})日$/;

/** The longest signature above a date. */
const LONGEST_SIGNATURE = 30;

/** A command: lays the whole text out. */
export function layOut(state, dispatch) {
  const blocks = [];
  state.doc.forEach((node, position) => blocks.push({ node, position }));
  const dated = blocks.findLastIndex(({ node }) => node.type === paragraph && DATE.test(plain(node)));
  const change = state.tr;
  // From the end, so that positions before stay what they are.
  for (let at = blocks.length - 1; at >= 0; at -= 1) {
    const { node, position } = blocks[at];
    if (!node.isTextblock || node.type === schema.nodes.code_block) continue;
    if (node.content.size === 0 && change.doc.childCount > 1) {
      change.delete(position, position + node.nodeSize);
      continue;
    }
    const isPicture = plain(node) === "" && node.content.size > 0;
    const level = HEADINGS.find(({ pattern }) => pattern.test(plain(node)) && isShort(node))?.level;
    if (node.type === paragraph && level) {
      change.setNodeMarkup(position, heading, { level, align: null, indent: false });
    } else if (node.type === paragraph) {
      const isSigned = at === dated || (at === dated - 1 && isSignature(node));
      const align = isSigned ? "right" : isPicture ? "center" : node.attrs.align === "right" ? null : node.attrs.align;
      change.setNodeMarkup(position, paragraph, { align, indent: !align && !isAddress(blocks, at) });
    }
    trim(change, node, position);
  }
  if (dispatch && change.docChanged) dispatch(change.scrollIntoView());
  return true;
}

/** Spaces that stood for an indent go: the look of a paragraph makes it. */
function trim(change, node, position) {
  const first = node.firstChild;
  if (!first?.isText) return;
  const spaces = /^[\s\u3000\u00a0]+/.exec(first.text)?.[0].length ?? 0;
  if (spaces && spaces < first.text.length) change.delete(position + 1, position + 1 + spaces);
}

function plain(node) {
  return node.textContent.replace(/[\s\u3000\u00a0]+/g, "");
}

function isShort(node) {
  const text = plain(node);
  return text.length <= LONGEST_HEADING && !/[。；：:;，,]$/.test(text);
}

function isSignature(node) {
  const text = plain(node);
  return text.length > 0 && text.length <= LONGEST_SIGNATURE && !/[。；，、：！？]$/.test(text);
}

/** The line that says whom a paper is for: the first of the text, ending with a colon. */
function isAddress(blocks, at) {
  return blocks.slice(0, at).every(({ node }) => node.type !== paragraph || node.attrs.align === "center") && /[：:]$/.test(plain(blocks[at].node));
}

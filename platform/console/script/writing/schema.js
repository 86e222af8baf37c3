// What a text may consist of: the same list as the server's (render::html), so that nothing seen here is lost on saving.
import { Schema } from "prosemirror-model";
import { tableNodes } from "prosemirror-tables";

/** Classes a block may have; the themes give them their look. */
const ALIGNMENTS = ["center", "right"];

const block = (tag) => ({
  tag,
  getAttrs: (element) => ({ align: alignment(element), indent: element.classList.contains("indent") }),
});

function alignment(element) {
  return ALIGNMENTS.find((one) => element.classList.contains(one)) ?? null;
}

function classes({ align, indent }) {
  const names = [align, indent && "indent"].filter(Boolean).join(" ");
  return names ? { class: names } : {};
}

const LOOK = { align: { default: null }, indent: { default: false } };

const tables = tableNodes({ tableGroup: "block", cellContent: "block+", cellAttributes: {} });

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: {
      group: "block",
      content: "inline*",
      attrs: LOOK,
      // What is pasted into an empty paragraph keeps its look.
      definingForContent: true,
      parseDOM: [block("p"), block("figcaption"), block("dt"), block("dd")],
      toDOM: (node) => ["p", classes(node.attrs), 0],
    },
    heading: {
      group: "block",
      content: "inline*",
      attrs: { level: { default: 2 }, ...LOOK },
      defining: true,
      parseDOM: [1, 2, 3, 4, 5, 6].map((level) => {
        const rule = block(`h${level}`);
        // The page's own title is its first heading.
        return { ...rule, getAttrs: (element) => ({ ...rule.getAttrs(element), level: Math.max(level, 2) }) };
      }),
      toDOM: (node) => [`h${node.attrs.level}`, classes(node.attrs), 0],
    },
    blockquote: { group: "block", content: "block+", defining: true, parseDOM: [{ tag: "blockquote" }], toDOM: () => ["blockquote", 0] },
    code_block: {
      group: "block", content: "text*", marks: "", code: true, defining: true,
      parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
      toDOM: () => ["pre", 0],
    },
    horizontal_rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
    bullet_list: { group: "block", content: "list_item+", parseDOM: [{ tag: "ul" }], toDOM: () => ["ul", 0] },
    ordered_list: {
      group: "block",
      content: "list_item+",
      attrs: { start: { default: 1 }, type: { default: null } },
      parseDOM: [{
        tag: "ol",
        getAttrs: (element) => ({ start: Number.parseInt(element.getAttribute("start") ?? "1", 10) || 1, type: /^[aAiI]$/.exec(element.getAttribute("type") ?? "")?.[0] ?? null }),
      }],
      toDOM: ({ attrs: { start, type } }) => ["ol", { ...(start === 1 ? {} : { start }), ...(type ? { type } : {}) }, 0],
    },
    list_item: { content: "block+", defining: true, parseDOM: [{ tag: "li" }], toDOM: () => ["li", 0] },
    ...tables,
    text: { group: "inline" },
    image: {
      group: "inline",
      inline: true,
      draggable: true,
      attrs: { src: {}, alt: { default: "" }, width: { default: null } },
      parseDOM: [{
        tag: "img[src]",
        getAttrs: (element) => {
          const src = own(element.getAttribute("src"));
          return src && { src, alt: element.getAttribute("alt") ?? "", width: Number.parseInt(element.getAttribute("width") ?? "", 10) || null };
        },
      }],
      toDOM: ({ attrs: { src, alt, width } }) => ["img", { src, alt, ...(width ? { width } : {}) }],
    },
    footnote: {
      group: "inline",
      inline: true,
      atom: true,
      attrs: { text: { default: "" } },
      parseDOM: [{ tag: "span.footnote", getAttrs: (element) => ({ text: element.textContent }), priority: 60 }],
      toDOM: (node) => ["span", { class: "footnote" }, node.attrs.text],
    },
    hard_break: { group: "inline", inline: true, selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
  },
  marks: {
    link: {
      attrs: { href: {} },
      inclusive: false,
      parseDOM: [{
        tag: "a[href]",
        getAttrs: (element) => {
          const href = element.getAttribute("href");
          return leads(href) && { href };
        },
      }],
      toDOM: (mark) => ["a", { href: mark.attrs.href }, 0],
    },
    strong: {
      parseDOM: [{ tag: "strong" }, { tag: "b" }],
      toDOM: () => ["strong", 0],
    },
    em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => ["em", 0] },
    u: { parseDOM: [{ tag: "u" }], toDOM: () => ["u", 0] },
    s: { parseDOM: [{ tag: "s" }, { tag: "del" }, { tag: "strike" }], toDOM: () => ["s", 0] },
    sup: { excludes: "sub", parseDOM: [{ tag: "sup" }], toDOM: () => ["sup", 0] },
    sub: { excludes: "sup", parseDOM: [{ tag: "sub" }], toDOM: () => ["sub", 0] },
    code: { parseDOM: [{ tag: "code" }], toDOM: () => ["code", 0] },
  },
});

/** Whether an address may be linked to. */
export function leads(href) {
  return /^(https?:|mailto:|tel:|media:\d+$|resource:\d+$|\/(?!\/)|#)/i.test(href ?? "");
}

/** The address of a picture, if it is the site's own; pictures of other hosts would report who reads. */
function own(src) {
  return /^(media:\d+|\/(?!\/).*)$/.test(src ?? "") ? src : null;
}

// From the text as it is sent to the document that is edited, and back.
import { DOMParser as Reader, DOMSerializer } from "prosemirror-model";
import { schema } from "./schema.js";

const reader = Reader.fromSchema(schema);
const writer = DOMSerializer.fromSchema(schema);

/** The document of a text: HTML, or plain lines. */
export function read(text) {
  return reader.parse(prepared(text.includes("<") ? text : paragraphs(text)));
}

/** The document as HTML, a line to a block, so that versions can be compared. */
export function write(doc) {
  const blocks = [];
  doc.forEach((node) => blocks.push(html(node)));
  // A text with nothing in it is no text.
  return blocks.length === 1 && doc.firstChild.isTextblock && doc.firstChild.content.size === 0 ? "" : blocks.join("\n");
}

/**
 * HTML as elements that run nothing, load nothing and look like nothing, with what the schema has no word for put into words it
 * has. What stood in `style` is in `data-style`: no style sheet but ours is let in.
 */
export function prepared(html) {
  const set = (tag) => tag.replace(/\s(style|on[a-z]+)(?=\s*=)/gi, (_, name) => ` data-${name.toLowerCase()}`);
  const plain = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[a-zA-Z][^<>]*>/g, set);
  const root = new DOMParser().parseFromString(plain, "text/html").body;
  for (const caption of root.querySelectorAll("caption")) {
    const line = caption.ownerDocument.createElement("p");
    line.className = "center";
    line.append(...caption.childNodes);
    caption.closest("table").before(line);
    caption.remove();
  }
  for (const caption of root.querySelectorAll("figcaption")) caption.classList.add("center");
  return root;
}

function html(node) {
  const holder = document.implementation.createHTMLDocument("").createElement("div");
  holder.append(writer.serializeNode(node, { document: holder.ownerDocument }));
  return holder.innerHTML;
}

function paragraphs(text) {
  const holder = document.createElement("div");
  for (const line of text.split("\n").map((line) => line.trim()).filter(Boolean)) {
    holder.appendChild(document.createElement("p")).textContent = line;
  }
  return holder.innerHTML;
}

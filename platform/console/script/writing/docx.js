// Word documents as text: read in the browser, cleaned like anything foreign.
import { pasteHtml } from "./paste.js";

const STYLES = [
  "p[style-name='Title'] => h1.title:fresh",
  "p[style-name='标题'] => h1.title:fresh",
  ...[1, 2, 3, 4].flatMap((level) => [`p[style-name='heading ${level}'] => h${level + 1}:fresh`, `p[style-name='标题 ${level}'] => h${level + 1}:fresh`]),
  "p[style-name='written center'] => p.center:fresh",
  "p[style-name='written right'] => p.right:fresh",
  "u => u",
  "strike => s",
];

/** Puts a document where the cursor is. A document with a title gives it to `title` where that is empty. */
export async function importDocx(view, file, title, tell) {
  if (!/\.docx$/i.test(file.name)) {
    tell("只能导入 .docx 文件。旧的 .doc 文件请先在 Word 或 WPS 中另存为 .docx。");
    return;
  }
  tell("正在读取 Word 文档……");
  try {
    const mammoth = await reader();
    const aligned = mammoth.transforms.paragraph((paragraph) => {
      const plain = !paragraph.styleName || /^(Normal|正文)$/.test(paragraph.styleName);
      return plain && /^(center|right)$/.test(paragraph.alignment ?? "") && !paragraph.numbering
        ? { ...paragraph, styleId: `written-${paragraph.alignment}`, styleName: `written ${paragraph.alignment}` }
        : paragraph;
    });
    const { value } = await mammoth.convertToHtml({ arrayBuffer: await file.arrayBuffer() }, { styleMap: STYLES, transformDocument: aligned });
    const holder = new DOMParser().parseFromString(value, "text/html");
    const heading = holder.querySelector("h1.title");
    if (heading && !title.value.trim()) {
      title.value = heading.textContent.trim();
      title.dispatchEvent(new Event("input", { bubbles: true }));
      heading.remove();
    }
    await pasteHtml(view, holder.body.innerHTML, [], tell);
  } catch (error) {
    tell(`无法读取“${file.name}”：文件可能已损坏或设有密码，请在 Word 或 WPS 中重新保存后再试。`);
    console.warn(error);
  }
}

/** The reader is large and seldom needed, so it comes when it is. */
function reader() {
  return new Promise((resolve, reject) => {
    if (window.mammoth) return resolve(window.mammoth);
    const script = document.createElement("script");
    script.src = document.getElementById("body").dataset.docx;
    script.addEventListener("load", () => resolve(window.mammoth));
    script.addEventListener("error", () => reject(new Error("the reader did not come")));
    document.head.append(script);
    return undefined;
  });
}

// What is pasted or dropped into the text.
import { TextSelection } from "prosemirror-state";
import { rtfPictures, understand } from "./foreign.js";
import { upload, uploadPictures } from "./upload.js";

/** The editor's answer to a paste or drop, before it looks at foreign HTML itself; `tell` says what could not be kept. */
export function bringing(tell) {
  return {
    handleDOMEvents: {
      paste: (view, event) => bring(view, event, event.clipboardData, tell),
      drop: (view, event) => {
        // What is dragged within the editor it moves by itself.
        if (view.dragging) return false;
        const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (place) view.dispatch(view.state.tr.setSelection(TextSelection.near(view.state.doc.resolve(place.pos))));
        return bring(view, event, event.dataTransfer, tell);
      },
    },
  };
}

function bring(view, event, data, tell) {
  if (!data) return false;
  const html = data.getData("text/html");
  // What was copied within the editor is already as it should be.
  if (html.includes("data-pm-slice")) return false;
  if (html) {
    event.preventDefault();
    pasteHtml(view, html, rtfPictures(data.getData("text/rtf")), tell);
    return true;
  }
  const files = Array.from(data.files).filter((file) => file.type.startsWith("image/"));
  if (files.length === 0) return false;
  event.preventDefault();
  pasteFiles(view, files, tell);
  return true;
}

/** Puts foreign HTML where the cursor is. */
export async function pasteHtml(view, html, pictures, tell) {
  const { root, lost } = understand(html, pictures);
  if (root.querySelector('img[src^="data:"]')) tell("正在上传图片……");
  const reasons = await uploadPictures(root);
  view.pasteHTML(root.innerHTML);
  const words = [lost && `有 ${lost} 张图片未能带入，请从媒体库插入`, ...new Set(reasons)].filter(Boolean);
  tell(words.length ? `${words.join("；")}。` : "");
}

async function pasteFiles(view, files, tell) {
  tell("正在上传图片……");
  const reasons = [];
  for (const file of files) {
    try {
      const src = await upload(file);
      view.dispatch(view.state.tr.replaceSelectionWith(view.state.schema.nodes.image.create({ src }), false).scrollIntoView());
    } catch (error) {
      reasons.push(error.message);
    }
  }
  tell(reasons.length ? `${reasons.join("；")}。` : "图片已插入，选中图片后可填写替代文字。");
}

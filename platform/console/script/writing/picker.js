// What is chosen from the media library goes into the text or into its field.
import { insertImage, insertLink } from "./editor.js";
import { upload } from "./upload.js";

const cover = document.getElementById("cover");
const attachments = document.getElementById("attachments");

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed) return;
  const { insert, id, text, cover: covers, attach, remove } = pressed.dataset;
  if (insert === "image") {
    insertImage(`media:${id}`, text);
    tell(`图片已插入正文${text ? "。" : "，请补充替代文字。"}`);
  } else if (insert === "link") {
    insertLink(`media:${id}`, text);
    tell("链接已插入正文。");
  } else if (covers) {
    put(cover, [covers]);
    tell("已设为封面。");
  } else if (attach) {
    put(attachments, [...ids(attachments).filter((one) => one !== attach), attach]);
    tell("已加为附件。");
  } else if (remove) {
    for (const field of [cover, attachments]) {
      const left = ids(field).filter((one) => one !== remove);
      if (left.length < ids(field).length) put(field, left);
    }
    attachments.focus();
  }
});

// What is missing in the library is brought without leaving the text.
const bring = document.getElementById("bring");
if (bring) {
  const brought = document.getElementById("brought");
  bring.hidden = false;
  brought.addEventListener("change", async () => {
    const reasons = [];
    tell("正在上传……");
    for (const file of brought.files) {
      try {
        await upload(file);
      } catch (error) {
        reasons.push(`${file.name}：${error.message}`);
      }
    }
    brought.value = "";
    tell(reasons.length ? `${reasons.join("；")}。` : "已上传到媒体库，请在列表中选用。");
    document.getElementById("sought").dispatchEvent(new Event("brought"));
  });
}

function tell(text) {
  const told = document.getElementById("picked");
  if (told) told.textContent = text;
}

function ids(field) {
  return field.value.split(/[,，、;；\s]+/).filter(Boolean);
}

function put(field, list) {
  field.value = list.join("，");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// Pictures and files on their way into the media library while a text is written.

import { post } from "../send.js";

/** Where this site's screens are, such as `/console/wangxi`. */
export const desk = document.querySelector("[data-desk]")?.dataset.desk;

/** Gives a file to the library; answers its address in a text, such as `media:17`, or says why it was refused. */
export async function upload(file, name = file.name) {
  const form = new FormData();
  form.append("files", file, name);
  const answer = await post(`${desk}/media`, { body: form, headers: { accept: "application/json" } });
  if (answer.redirected || !answer.headers.get("content-type")?.includes("json")) throw new Error("文件未能上传，请确认网络和登录状态后重试");
  const [{ id, message }] = await answer.json();
  if (!id) throw new Error(message);
  return `media:${id}`;
}

/** Every picture that came with a text goes into the library; those that cannot are taken out. Answers the reasons. */
export async function uploadPictures(root) {
  const reasons = [];
  for (const image of root.querySelectorAll('img[src^="data:"]')) {
    try {
      const bytes = decoded(image.getAttribute("src"));
      image.setAttribute("src", await upload(bytes, nameOf(image, bytes)));
    } catch (error) {
      reasons.push(error.message);
      image.remove();
    }
  }
  return reasons;
}

/** The bytes of a data address. */
function decoded(address) {
  const [head, data] = address.split(",", 2);
  const text = head.endsWith(";base64") ? atob(data) : decodeURIComponent(data);
  return new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))], { type: /^data:([^;,]+)/.exec(head)[1] });
}

function nameOf(image, bytes) {
  const extension = bytes.type.split("/")[1]?.replace("jpeg", "jpg").replace("svg+xml", "svg") ?? "png";
  const words = (image.alt || "粘贴的图片").replace(/[\\/:*?"<>|\s]+/g, " ").trim().slice(0, 40);
  return `${words || "粘贴的图片"}.${extension}`;
}

// What other programs put on the clipboard, and pictures to put there.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the cases are: each `*.html` is what was copied, `*.kept.html` beside it what must become of it. */
export const FOREIGN = join(import.meta.dirname, "foreign");

export const foreign = (name) => readFileSync(join(FOREIGN, `${name}.html`), "utf8");

/** Pastes what another program put on the clipboard, in its forms, and pictures. */
export function paste(page, forms, pictures = []) {
  return page.evaluate(({ forms, pictures }) => {
    const clipboard = new DataTransfer();
    for (const [form, words] of Object.entries(forms)) clipboard.setData(form, words);
    for (const bytes of pictures) clipboard.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
    const editor = document.querySelector(".ProseMirror");
    editor.focus();
    editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }));
  }, { forms, pictures: pictures.map((one) => Array.from(one)) });
}

/** Text with a picture, in the two forms in which Word copies it. */
export const withPicture = (name, picture) => ({
  "text/html": foreign(name),
  "text/rtf": `{\\rtf1{\\pict{\\*\\picprop}\\picw400\\pich200\\pngblip\n${picture.toString("hex").replace(/(.{64})/g, "$1\n")}}}`,
});

let shade = 0;

/** A picture like no other. */
export async function drawn(page) {
  shade += 40;
  const bytes = await page.evaluate(async (shade) => {
    const canvas = new OffscreenCanvas(400, 200);
    const context = canvas.getContext("2d");
    context.fillStyle = `rgb(${shade} 90 140)`;
    context.fillRect(0, 0, 400, 200);
    return Array.from(new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer()));
  }, shade);
  return Buffer.from(bytes);
}

// Files that tests bring.

/** A file as it is handed to a form. */
export const file = (name, mimeType, content) => ({ name, mimeType, buffer: Buffer.from(content) });

/** A picture painted in the page: sky, hills and a lit path, so that screenshots have something to show. */
export async function drawn(page, sky = "#31507c") {
  const encoded = await page.evaluate((sky) => {
    const canvas = document.createElement("canvas");
    canvas.width = 1200;
    canvas.height = 800;
    const brush = canvas.getContext("2d");
    const paint = (colour, path) => { brush.fillStyle = colour; brush.beginPath(); path(); brush.fill(); };
    paint(sky, () => brush.rect(0, 0, 1200, 800));
    paint("#f2c46d", () => brush.arc(300, 400, 90, 0, 7));
    paint("#2f6b46", () => brush.ellipse(800, 800, 900, 380, 0, 0, 7));
    paint("#d8c9a4", () => { brush.moveTo(520, 800); brush.lineTo(700, 800); brush.lineTo(620, 450); });
    return canvas.toDataURL("image/png").split(",")[1];
  }, sky);
  return Buffer.from(encoded, "base64");
}

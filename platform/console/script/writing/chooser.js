// Choosing from the media library, in a window of its own over what is written: found by its name or brought, then chosen.
import { desk, upload } from "./upload.js";

const RASTERS = ".jpg,.jpeg,.png,.gif,.webp";
const PURPOSES = {
  image: { title: "插入图片", accept: `${RASTERS},.svg` },
  link: { title: "插入文件链接", accept: "" },
  cover: { title: "选择封面图片", accept: RASTERS },
  attachments: { title: "添加附件", accept: "" },
};

/** How long somebody pauses before what they typed is looked for, in milliseconds. */
const PAUSE = 300;

/**
 * Answers what was chosen for a purpose, `{ id, name, alt }` each; nothing where it was left. `taken` are numbers that are chosen
 * already. Attachments may be several, all else is one.
 */
export function choose(purpose, taken = []) {
  const dialog = document.getElementById("chooser").content.firstElementChild.cloneNode(true);
  const part = (selector) => dialog.querySelector(selector);
  const [sought, brought, offered] = ["#sought", "#brought", "#offered"].map(part);
  const isSeveral = purpose === "attachments";
  const ticked = new Map();
  let first = []; // what was just brought
  let asked = 0;
  let timer = null;
  let answer = null;

  part("#chooser-title").textContent = PURPOSES[purpose].title;
  brought.accept = PURPOSES[purpose].accept;
  part(".chooser-foot").hidden = !isSeveral;
  const tell = (words) => { part("#picked").textContent = words; };
  const answerWith = (chosen) => {
    answer = chosen;
    dialog.close();
  };

  /** Shows what the library has; answers whether it did. */
  async function look() {
    asked += 1;
    const mine = asked;
    const wanted = new URLSearchParams({ purpose, sought: sought.value, first: first.join(",") });
    const given = await fetch(`${desk}/media/picker?${wanted}`).catch(() => null);
    const html = given?.ok && !given.redirected ? await given.text() : '<p class="fine">暂时无法读取媒体库，请检查网络和登录状态后再试。</p>';
    if (mine !== asked) return false;
    offered.innerHTML = html;
    offered.querySelectorAll('input[type="checkbox"]').forEach(mark);
    return true;
  }

  function mark(box) {
    const isTaken = taken.includes(box.value);
    box.checked = isTaken || ticked.has(box.value);
    box.disabled = isTaken;
    if (isTaken) box.nextElementSibling.textContent = "已添加";
  }

  function tick(box) {
    if (box.checked) ticked.set(box.value, { id: box.value, name: box.dataset.name });
    else ticked.delete(box.value);
    part("[data-take]").textContent = `添加所选文件${ticked.size ? `（${ticked.size}）` : ""}`;
  }

  async function search() {
    first = [];
    const wanted = sought.value.trim();
    if (!(await look())) return;
    const count = offered.querySelectorAll("li").length;
    tell(!wanted ? "" : count ? `找到 ${count} 个` : "没有找到");
  }

  /** What is brought is there to be chosen; one alone is what was wanted. */
  async function bring(files) {
    const [ids, reasons] = [[], []];
    for (const [at, file] of files.entries()) {
      tell(`正在上传${files.length > 1 ? `（${at + 1}/${files.length}）` : ""}……`);
      try {
        ids.push((await upload(file)).replace("media:", ""));
      } catch (error) {
        reasons.push(`${file.name}：${error.message}`);
      }
    }
    brought.value = "";
    sought.value = "";
    first = ids;
    if (!dialog.open || !(await look())) return;
    const there = ids.map((id) => offered.querySelector(`[data-choose="${id}"], input[value="${id}"]`)).filter(Boolean);
    if (there.length < ids.length) reasons.push("有文件已上传到媒体库，但不能用在这里");
    tell(`${[there.length && "已上传，请在下方选用", ...reasons].filter(Boolean).join("；")}。`);
    if (isSeveral) {
      for (const box of there) {
        box.checked = true;
        tick(box);
      }
    } else if (there.length === 1 && !reasons.length) {
      there[0].click();
      return;
    }
    there[0]?.focus();
  }

  /** What a picture shows is asked before it stands in the text. */
  function describe(one) {
    const form = part("[data-describing]");
    part("[data-finding]").hidden = true;
    form.hidden = false;
    form.querySelector("img").src = `${desk}/media/${one.id}/file?size=small`;
    form.querySelector(".shelf-name").textContent = one.name;
    const shows = part("#shows");
    shows.value = one.alt;
    shows.focus();
    part("[data-back]").onclick = () => {
      form.hidden = true;
      part("[data-finding]").hidden = false;
      offered.querySelector(`[data-choose="${one.id}"]`)?.focus();
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      answerWith([{ ...one, alt: shows.value.trim() }]);
    };
  }

  sought.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(search, PAUSE);
  });
  brought.addEventListener("change", () => bring(Array.from(brought.files)));
  offered.addEventListener("change", (event) => tick(event.target));
  dialog.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    const { choose: id, name, alt, close, take, everything } = pressed.dataset;
    if (close !== undefined) dialog.close();
    else if (everything !== undefined) {
      sought.value = "";
      search();
      sought.focus();
    } else if (take !== undefined) {
      if (ticked.size) answerWith([...ticked.values()]);
      else tell("请先选择文件。");
    } else if (id) {
      if (purpose === "image") describe({ id, name, alt });
      else answerWith([{ id, name, alt }]);
    }
  });
  const came = document.activeElement;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      window.clearTimeout(timer);
      dialog.remove();
      came?.focus?.();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    sought.focus();
    look();
  });
}

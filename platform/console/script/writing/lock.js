// The edit lock: this window says every few seconds that it is writing, and hears when somebody has taken over.
import { NAME, token } from "../send.js";
import { ask } from "./ask.js";
import { freeze } from "./frozen.js";

const BEAT = 8_000;

const form = document.querySelector("form[data-lease]");

if (form) {
  const address = form.dataset.lease;
  const sheet = [["sheet", form.elements.namedItem("sheet").value]];
  let line = window.setInterval(beat, BEAT);

  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
  window.addEventListener("online", beat);
  window.addEventListener("pagehide", () => navigator.sendBeacon(`${address}/release`, new URLSearchParams([...sheet, [NAME, token()]])));

  async function beat() {
    if (!line) return;
    const answer = await ask(address, sheet);
    if (line && ["taken", "elsewhere"].includes(answer.state)) lose(answer);
  }

  /** What was written is in the working copy by now, or will be in a moment: the autosave goes on. */
  function lose({ state, by, since }) {
    window.clearInterval(line);
    line = null;
    freeze(form);
    const box = document.createElement("div");
    box.className = "alert alert-warning";
    box.id = "taken";
    box.tabIndex = -1;
    box.setAttribute("role", "alert");
    const heading = document.createElement("h2");
    const text = document.createElement("p");
    if (state === "taken") {
      heading.textContent = `${by} 已接手编辑此稿件`;
      const link = document.createElement("a");
      link.href = form.dataset.keep;
      link.textContent = "查看我的暂存稿";
      text.append(`自 ${since} 起由对方编辑，本页只能查看和复制。您写下的内容保存在暂存稿中，不会丢失；对方保存后，可以在其版本上继续。`, link);
    } else {
      heading.textContent = "您已在另一个窗口编辑此稿件";
      text.textContent = "本窗口只能查看和复制，请到另一个窗口继续。本窗口尚未上传的内容保存在本机，重新打开编辑页面时可以恢复。";
    }
    box.append(heading, text);
    form.before(box);
    box.focus();
  }
}

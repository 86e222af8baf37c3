// 紧急公告：没有直接写在页面里时，取来放在页面最上方；看过的，本次访问不再显示。没有脚本时，首页和栏目首页照常显示。
(() => {
  "use strict";
  const KEY = "tongyuan-emergency";
  const memory = {
    read() { try { return sessionStorage.getItem(KEY); } catch { return null; } },
    write(value) { try { sessionStorage.setItem(KEY, value); } catch { /* 不能记住时，下一页会再显示 */ } },
  };

  const present = document.querySelector("[data-emergency]");
  if (present) {
    wake(present);
    return;
  }
  fetch("/_site/notice.html", { cache: "no-cache" })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((text) => {
      const found = new DOMParser().parseFromString(text, "text/html").querySelector("[data-emergency]");
      if (!found || memory.read() === found.dataset.emergency) return;
      const notice = document.importNode(found, true);
      const skip = document.querySelector("body > .skip");
      if (skip) skip.after(notice);
      else document.body.prepend(notice);
      wake(notice);
    })
    .catch(() => { /* 取不到时页面照常 */ });

  function wake(notice) {
    if (memory.read() === notice.dataset.emergency) {
      notice.hidden = true;
      return;
    }
    const button = notice.querySelector("[data-emergency-close]");
    button.hidden = false;
    button.addEventListener("click", () => {
      memory.write(notice.dataset.emergency);
      notice.hidden = true;
      document.getElementById("content")?.focus();
    });
  }
})();

// 主题脚本：长者模式、栏目导航开合、轮播图翻页、复制链接、离站提示。没有脚本时页面照常可读可用。
(() => {
  "use strict";
  const root = document.documentElement;
  const ELDER = "tongyuan-elder";

  const memory = {
    read(key) { try { return localStorage.getItem(key); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, value); } catch { /* 不能记住时只在本页有效 */ } },
  };

  // 在正文出现之前执行，避免字号跳动。
  root.classList.add("js");
  root.classList.toggle("elder", memory.read(ELDER) === "on");

  document.addEventListener("DOMContentLoaded", () => {
    elderMode();
    navigation();
    carousels();
    tables();
    sharing();
    leaving();
    visitor();
  });

  function elderMode() {
    const buttons = document.querySelectorAll("[data-elder]");
    const show = (on) => {
      root.classList.toggle("elder", on);
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(on)));
    };
    show(root.classList.contains("elder"));
    buttons.forEach((button) => button.addEventListener("click", () => {
      const on = !root.classList.contains("elder");
      memory.write(ELDER, on ? "on" : "off");
      show(on);
    }));
  }

  function navigation() {
    const button = document.querySelector("[data-nav-switch]");
    if (!button) return;
    const list = document.getElementById(button.getAttribute("aria-controls"));
    const show = (open) => {
      button.setAttribute("aria-expanded", String(open));
      list.classList.toggle("open", open);
    };
    button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
      show(false);
      button.focus();
    });
  }

  // 轮播图：按编号和前后翻页时只动图片，页面不跳；从不自己动。
  function carousels() {
    document.querySelectorAll("[data-carousel]").forEach((carousel) => {
      const track = carousel.querySelector("ul");
      const pictures = [...track.children];
      const marks = [...carousel.querySelectorAll("ol a")];
      if (!marks.length) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)");
      const here = () => Math.round(track.scrollLeft / track.clientWidth);
      const go = (at) => {
        const to = (at + pictures.length) % pictures.length;
        track.scrollTo({ left: to * track.clientWidth, behavior: still.matches ? "auto" : "smooth" });
      };
      const tell = () => marks.forEach((mark, at) => {
        if (at === here()) mark.setAttribute("aria-current", "true");
        else mark.removeAttribute("aria-current");
      });
      marks.forEach((mark, at) => mark.addEventListener("click", (event) => {
        event.preventDefault();
        go(at);
      }));
      carousel.querySelectorAll("[data-carousel-step]").forEach((button) => {
        button.hidden = false;
        button.addEventListener("click", () => go(here() + Number(button.dataset.carouselStep)));
      });
      track.addEventListener("scroll", tell, { passive: true });
      tell();
    });
  }

  // 宽表格放进可左右滑动的框里；放不下时才能用键盘停在框上。
  function tables() {
    document.querySelectorAll(".prose table").forEach((table, index) => {
      const frame = document.createElement("div");
      frame.className = "table-frame";
      table.replaceWith(frame);
      frame.append(table);
      const name = table.caption?.textContent.trim() || `表格 ${index + 1}`;
      new ResizeObserver(() => {
        const wide = frame.scrollWidth > frame.clientWidth;
        const set = (attribute, value) => wide ? frame.setAttribute(attribute, value) : frame.removeAttribute(attribute);
        set("tabindex", "0");
        set("role", "group");
        set("aria-label", `${name}（可左右滑动）`);
      }).observe(frame);
    });
  }

  function sharing() {
    const said = document.querySelector("[data-said]");
    const say = (text) => { if (said) said.textContent = text; };

    document.querySelectorAll("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
      const copied = await copy(location.href.split("#")[0]);
      say(copied ? "链接已复制" : "未能复制，请从地址栏复制");
    }));
    document.querySelectorAll("[data-share]").forEach((button) => {
      if (!navigator.share) return;
      button.hidden = false;
      button.addEventListener("click", () => {
        navigator.share({ title: document.title, url: location.href.split("#")[0] }).catch(() => {});
      });
    });
    document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.setAttribute("readonly", "");
      field.className = "unseen";
      document.body.append(field);
      field.select();
      const copied = document.execCommand("copy");
      field.remove();
      return copied;
    }
  }

  // 登录后回到本页；已登录的显示称呼，通往用户中心。没有登录标记时不打扰服务器。
  function visitor() {
    const links = document.querySelectorAll("[data-sign-in]");
    if (!links.length) return;
    links.forEach((link) => {
      link.href = `/_user/enter?to=${encodeURIComponent(location.pathname + location.search)}`;
    });
    if (!/(^|; )tongyuan-here=1/.test(document.cookie)) return;
    fetch("/_user/me").then((answer) => (answer.status === 200 ? answer.json() : null)).then((who) => {
      if (!who) return;
      links.forEach((link) => {
        link.href = link.dataset.center;
        link.textContent = who.name;
        link.setAttribute("aria-label", `${who.name}，进入用户中心`);
      });
    }).catch(() => { /* 不能确认时仍显示登录 */ });
  }

  // 政府网站、本网站群和党政机关标识以外的链接，离开前先提示。
  function leaving() {
    const dialog = document.getElementById("leave");
    if (!dialog || !dialog.showModal) return;
    const go = dialog.querySelector("[data-leave-go]");
    const address = dialog.querySelector("[data-leave-address]");
    const family = new Set([...document.querySelectorAll(".family a")].map((link) => link.host));

    const official = (link) =>
      link.host === location.host || family.has(link.host) || "trusted" in link.dataset ||
      /(^|\.)gov\.cn$/.test(link.hostname) || /\.xn--zfr164b$/.test(link.hostname);

    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link || link === go || !/^https?:$/.test(link.protocol) || official(link)) return;
      event.preventDefault();
      go.href = link.href;
      go.target = link.target;
      address.textContent = link.href;
      dialog.showModal();
    });
    go.addEventListener("click", () => dialog.close());
    dialog.querySelector("[data-leave-stay]").addEventListener("click", () => dialog.close());
  }
})();

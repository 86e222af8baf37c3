// What makes the screens quicker to use. Everything works without it.
(function () {
  "use strict";

  // On a phone the menu is wider than the screen: where one is stays in sight.
  var menu = document.querySelector(".bar-menu"), here = menu && menu.querySelector("[aria-current]");
  function centre() { menu.scrollLeft = here.offsetLeft - menu.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2; }
  if (here) {
    centre();
    window.addEventListener("resize", centre);
  }

  // A counter beside every field with a limit.
  function count(field) {
    var most = Number(field.dataset.most);
    var label = document.querySelector('label[for="' + field.id + '"]');
    if (!most || !label) return;
    var shown = label.querySelector(".counter") || label.appendChild(document.createElement("span"));
    shown.className = "counter";
    shown.setAttribute("aria-hidden", "true");
    var length = Array.from(field.value.trim()).length;
    shown.textContent = length + " / " + most;
    shown.classList.toggle("counter-over", length > most);
  }
  document.querySelectorAll("[data-most]").forEach(function (field) {
    count(field);
    field.addEventListener("input", function () { count(field); });
  });

  // Fields for policy files appear with the channels that take them.
  var policy = document.querySelector("[data-policy]");
  var channel = document.getElementById("channel");
  function fit() {
    var chosen = channel.options[channel.selectedIndex];
    policy.hidden = !chosen || chosen.dataset.kind !== "policy";
  }
  if (policy && channel) {
    channel.addEventListener("change", fit);
    fit();
  }

  // Nobody loses what they typed by leaving the page unawares.
  var form = document.querySelector("form[data-guard]");
  if (form) {
    var told = document.getElementById("unsaved");
    var changed = Boolean(document.querySelector("#problems:not([data-saved]), #conflict, #refusal"));
    form.addEventListener("input", function () {
      if (!changed && told) told.textContent = "有未保存的修改";
      changed = true;
    });
    form.addEventListener("submit", function () { changed = false; });
    window.addEventListener("beforeunload", function (event) {
      if (changed) event.preventDefault();
    });
  }

  // An answer that is the sign-in page means that the session has ended: what was typed stays where it is.
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.responseURL.indexOf("/console/sign-in") < 0) return;
    event.detail.shouldSwap = false;
    var link = document.createElement("a");
    link.href = "/console/sign-in";
    link.target = "_blank";
    link.textContent = "在新窗口重新登录";
    event.detail.target.replaceChildren("登录已过期。请", link, "，再回到本页继续，已填写的内容不会丢失。");
  });

  // What looks again by itself says so when it cannot, until it can again.
  var lost = null;
  function lose(event) {
    // A form that is not filled in right is told so at its fields.
    if (lost || (event.detail.xhr && event.detail.xhr.status === 422)) return;
    lost = document.createElement("div");
    lost.className = "alert alert-warning lost";
    lost.setAttribute("role", "alert");
    lost.textContent = "暂时无法连接服务器，页面数据可能不是最新。恢复连接后，本提示会自动消失。";
    document.getElementById("main").prepend(lost);
  }
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach(function (name) { document.addEventListener(name, lose); });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (!event.detail.successful || !lost) return;
    lost.remove();
    lost = null;
  });

  // A form is remembered by this tab until it is saved, and offered again when it was lost on the way.
  var kept = window.sessionStorage;
  if (document.querySelector("[data-saved]")) {
    Object.keys(kept).filter(function (key) { return key.indexOf("draft:") === 0; }).forEach(function (key) { kept.removeItem(key); });
  }
  function fields() {
    return Array.from(form.elements).filter(function (field) {
      return field.name && field.type !== "submit" && field.name !== "version" && field.name !== "revision";
    });
  }
  function shown() {
    return JSON.stringify(fields().map(function (field) { return [field.name, field.value]; }));
  }
  if (form) {
    var name = "draft:" + form.getAttribute("action");
    var first = shown();
    var before = kept.getItem(name);
    if (before && before !== first && !changed) offer(name, JSON.parse(before));
    form.addEventListener("input", function () { kept.setItem(name, shown()); });
    // What the server shows again, it has received; what it shows changed is what it has not saved.
    if (changed) kept.setItem(name, first);
  }
  function offer(name, values) {
    var box = document.createElement("div");
    box.className = "alert alert-warning";
    box.setAttribute("role", "status");
    var text = document.createElement("p");
    text.textContent = "本窗口保留有上次未保存的内容。";
    box.append(text, press("恢复未保存的内容", function () {
      values.forEach(function (pair) {
        var field = form.elements.namedItem(pair[0]);
        if (!field) return;
        field.value = pair[1];
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
      box.remove();
      form.elements.namedItem("title").focus();
    }, "btn btn-primary"), " ", press("放弃", function () { kept.removeItem(name); box.remove(); }, "btn"));
    form.before(box);
  }
  function press(label, action, look) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = look;
    button.textContent = label;
    button.addEventListener("click", action);
    return button;
  }

  // What a word processor puts on the clipboard is cleaned by the server before it is put into the text.
  var body = document.getElementById("body");
  var preview = body && body.getAttribute("hx-post");
  if (preview) {
    body.addEventListener("paste", function (event) {
      var html = event.clipboardData.getData("text/html");
      if (!/<(table|h[2-6]|ul|ol|strong|b)[\s>]/i.test(html)) return;
      event.preventDefault();
      var plain = event.clipboardData.getData("text/plain");
      fetch(preview, { method: "POST", body: new URLSearchParams({ body: html }) })
        .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(); })
        .then(function (part) {
          var prose = new DOMParser().parseFromString(part, "text/html").querySelector(".prose");
          return prose ? tidy(prose) : plain;
        }, function () { return plain; })
        .then(function (text) {
          body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
          body.dispatchEvent(new Event("input", { bubbles: true }));
        });
    });
  }

  // What is chosen from the media library goes into the text or into its field.
  function tell(text) {
    var told = document.getElementById("picked");
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
  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  }
  // Plain text becomes paragraphs once a tag is among it, so they are written out before one comes in.
  function insert(tag) {
    if (body.value.indexOf("<") < 0) {
      var until = body.value.slice(0, body.selectionEnd);
      var wrap = function (text) {
        return text.split("\n").map(function (line) { return line.trim(); }).filter(Boolean)
          .map(function (line) { return "<p>" + escaped(line) + "</p>\n"; }).join("");
      };
      var rest = body.value.slice(body.selectionEnd);
      var stop = rest.indexOf("\n");
      if (stop < 0) stop = rest.length;
      var before = wrap(until + rest.slice(0, stop));
      body.value = before + wrap(rest.slice(stop));
      body.setSelectionRange(before.length, before.length);
      tag = "<p>" + tag + "</p>\n";
    }
    body.setRangeText(tag, body.selectionStart, body.selectionEnd, "end");
    body.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button || !form) return;
    var data = button.dataset;
    var cover = document.getElementById("cover"), attachments = document.getElementById("attachments");
    if (data.insert === "image") {
      insert('<img src="media:' + data.id + '" alt="' + escaped(data.text) + '">');
      tell("图片已插入正文" + (data.text ? "。" : "，请在正文中补充替代文字 alt。"));
    } else if (data.insert === "link") {
      insert('<a href="media:' + data.id + '">' + escaped(data.text) + "</a>");
      tell("链接已插入正文。");
    } else if (data.cover) {
      put(cover, [data.cover]);
      tell("已设为封面。");
    } else if (data.attach) {
      put(attachments, ids(attachments).filter(function (id) { return id !== data.attach; }).concat(data.attach));
      tell("已加为附件。");
    } else if (data.remove) {
      [cover, attachments].forEach(function (field) {
        var left = ids(field).filter(function (id) { return id !== data.remove; });
        if (left.length < ids(field).length) put(field, left);
      });
      attachments.focus();
    }
  });
  // Looking for a file does not send the form.
  document.querySelectorAll("[data-search]").forEach(function (field) {
    field.addEventListener("keydown", function (event) { if (event.key === "Enter") event.preventDefault(); });
  });

  // The focal point of a picture is chosen by a click upon it.
  var focal = document.querySelector("[data-focal]");
  if (focal) {
    var across = document.getElementById("focal_x"), down = document.getElementById("focal_y");
    var mark = focal.querySelector(".focal-mark"), seen = focal.querySelector("img");
    var percent = function (field) { return Math.min(Math.max(Number(field.value), 0), 100) + "%"; };
    var place = function () {
      mark.style.left = percent(across);
      mark.style.top = percent(down);
    };
    focal.classList.add("focal-on");
    mark.hidden = false;
    place();
    [across, down].forEach(function (field) { field.addEventListener("input", place); });
    seen.addEventListener("click", function (event) {
      var frame = seen.getBoundingClientRect();
      across.value = Math.round((event.clientX - frame.left) / frame.width * 100);
      down.value = Math.round((event.clientY - frame.top) / frame.height * 100);
      place();
    });
  }

  // Wrappers that say nothing are unwrapped, empty paragraphs dropped.
  function tidy(prose) {
    prose.querySelectorAll("span, div").forEach(function (wrapper) { wrapper.replaceWith.apply(wrapper, wrapper.childNodes); });
    prose.querySelectorAll("[src], [href]").forEach(function (element) {
      ["src", "href"].forEach(function (name) {
        var own = /^\/console\/[^/]+\/media\/(\d+)\/file$/.exec(element.getAttribute(name) || "");
        if (own) element.setAttribute(name, "media:" + own[1]);
      });
    });
    prose.querySelectorAll("p").forEach(function (paragraph) {
      if (!paragraph.textContent.trim() && !paragraph.querySelector("img")) paragraph.remove();
    });
    return prose.innerHTML.replace(/\n\s*\n+/g, "\n").trim();
  }

  // A receipt that is not closed yet is followed as it happens; where that cannot be, it is looked at again now and then.
  function follow() {
    var live = document.querySelector("[data-receipt]");
    if (!live || live.dataset.followed) return;
    live.dataset.followed = "1";
    var address = live.dataset.receipt;
    function again() {
      if (!document.contains(live)) return;
      // Whatever came of it: if this receipt still stands here, it is tried again.
      htmx.ajax("GET", address, { target: "#receipt", select: "#receipt > *", swap: "innerHTML" }).then(later, later);
    }
    function later() { window.setTimeout(again, Math.max(Number(live.dataset.again), 500)); }
    if (!window.EventSource) { later(); return; }
    var line = new EventSource(address + "/progress");
    line.addEventListener("progress", function (event) { show(live, JSON.parse(event.data)); });
    line.addEventListener("done", function () { line.close(); again(); });
    line.addEventListener("error", function () { if (line.readyState === EventSource.CLOSED) later(); });
    window.addEventListener("pagehide", function () { line.close(); });
  }
  function show(live, told) {
    var bar = live.querySelector("progress");
    if (told.total) { bar.max = told.total; bar.value = told.done; }
    live.querySelector("[data-told]").textContent = told.text;
    live.querySelector("[data-sites]").replaceChildren.apply(live.querySelector("[data-sites]"), told.sites.map(function (site) {
      var line = document.createElement("li");
      var count = document.createElement("span");
      count.textContent = site.done + " / " + site.total;
      line.append(site.name, count);
      return line;
    }));
  }
  document.addEventListener("htmx:afterSettle", follow);
  follow();

  // A press is a press: what is being sent is not sent twice.
  document.addEventListener("submit", function (event) {
    var sent = event.target;
    if (sent.dataset.sent) { event.preventDefault(); return; }
    sent.dataset.sent = "1";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (sent) { delete sent.dataset.sent; });
  });

  // After a refused form, start reading where the trouble is told.
  var trouble = document.querySelector("#conflict, #refusal, #problems");
  if (trouble) trouble.focus();
})();

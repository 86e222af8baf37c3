// What is asked of the server in the background: what its answers must not do, and what is said when none comes.

// An answer that is the sign-in page means that the session has ended: what was typed stays where it is.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.responseURL.includes("/console/sign-in")) return;
  event.detail.shouldSwap = false;
  const link = document.createElement("a");
  link.href = "/console/sign-in";
  link.target = "_blank";
  link.textContent = "在新窗口重新登录";
  event.detail.target.replaceChildren("登录已过期。请", link, "，再回到本页继续，已填写的内容不会丢失。");
});

// What looks again by itself says so when it cannot, until it can again.
let lost = null;

function lose(event) {
  // A form that is not filled in right is told so at its fields.
  if (lost || event.detail.xhr?.status === 422) return;
  lost = document.createElement("div");
  lost.className = "alert alert-warning lost";
  lost.setAttribute("role", "alert");
  lost.textContent = "暂时无法连接服务器，页面数据可能不是最新。恢复连接后，本提示会自动消失。";
  document.getElementById("main").prepend(lost);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, lose);
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful || !lost) return;
  lost.remove();
  lost = null;
});

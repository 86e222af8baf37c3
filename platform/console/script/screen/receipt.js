// A receipt that is not closed yet is followed as it happens; where that cannot be, it is looked at again now and then.
document.addEventListener("htmx:afterSettle", follow);
follow();

function follow() {
  const live = document.querySelector("[data-receipt]");
  if (!live || live.dataset.followed) return;
  live.dataset.followed = "1";
  const address = live.dataset.receipt;
  const again = () => {
    if (!document.contains(live)) return;
    // Whatever came of it: if this receipt still stands here, it is tried again.
    window.htmx.ajax("GET", address, { target: "#receipt", select: "#receipt > *", swap: "innerHTML" }).then(later, later);
  };
  const later = () => window.setTimeout(again, Math.max(Number(live.dataset.again), 500));
  if (!window.EventSource) {
    later();
    return;
  }
  const line = new EventSource(`${address}/progress`);
  line.addEventListener("progress", (event) => show(live, JSON.parse(event.data)));
  line.addEventListener("done", () => {
    line.close();
    again();
  });
  line.addEventListener("error", () => {
    if (line.readyState === EventSource.CLOSED) later();
  });
  window.addEventListener("pagehide", () => line.close());
}

function show(live, told) {
  const bar = live.querySelector("progress");
  if (told.total) {
    bar.max = told.total;
    bar.value = told.done;
  }
  live.querySelector("[data-told]").textContent = told.text;
  live.querySelector("[data-sites]").replaceChildren(...told.sites.map((site) => {
    const line = document.createElement("li");
    const count = document.createElement("span");
    count.textContent = `${site.done} / ${site.total}`;
    line.append(site.name, count);
    return line;
  }));
}

// What a screen says after something was done, it says once: loaded again, or come back to, it tells how things stand by then.
const address = new URL(window.location.href);

if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  window.history.replaceState(window.history.state, "", address);
}

// Forms are sent once, and read from where the trouble is.

// A press is a press: what is being sent is not sent twice.
document.addEventListener("submit", (event) => {
  const sent = event.target;
  // What goes into a frame leaves the form here, to be sent again.
  if (event.submitter?.formTarget) return;
  if (sent.dataset.sent) {
    event.preventDefault();
    return;
  }
  sent.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const sent of document.querySelectorAll("form[data-sent]")) delete sent.dataset.sent;
});

// After a refused form, start reading where the trouble is told.
document.querySelector("#conflict, #refusal, #problems")?.focus();

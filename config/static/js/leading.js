// Pages that renew themselves: not while somebody types into them, and honest when they cannot.
(() => {
  const busy = (part) =>
    part.querySelector("details[open] textarea") || part.querySelector("textarea:focus");

  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (part.matches("[data-gentle]") && busy(part)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (part?.matches("[data-gentle]") && busy(part)) event.detail.shouldSwap = false;
  });

  // What is shown is as old as it says; until an answer comes again the page says so.
  function lost(isLost) {
    for (const note of document.querySelectorAll("[data-lost]")) note.hidden = !isLost;
  }
  for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(trouble, (event) => {
      if (event.detail.elt.querySelector?.("[data-lost]")) lost(true);
    });
  }
})();

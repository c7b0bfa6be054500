// Pages that renew themselves: not while somebody types, and honestly.
const busy = (part) =>
  part?.matches("[data-gentle]") && part.querySelector("details[open] textarea, textarea:focus");

desk.on("htmx:beforeRequest", (event) => busy(event.detail.elt) && event.preventDefault());
desk.on("htmx:beforeSwap", ({ detail }) => {
  if (busy(detail.target)) detail.shouldSwap = false;
});

// What is shown is as old as it says; until an answer comes again the page says so.
desk.on("htmx:sendError htmx:timeout htmx:responseError", ({ detail: { elt } }) => {
  for (const note of elt.querySelectorAll("[data-lost]")) note.hidden = false;
});

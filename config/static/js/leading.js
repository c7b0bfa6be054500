// Pages that renew themselves: not while somebody types into them, and honest when they cannot.
const { all, on } = desk;
const busy = (part) =>
  part?.matches("[data-gentle]") && part.querySelector("details[open] textarea, textarea:focus");

on("htmx:beforeRequest", (event) => busy(event.detail.elt) && event.preventDefault());
on("htmx:beforeSwap", ({ detail }) => {
  if (busy(detail.target)) detail.shouldSwap = false;
});

// What is shown is as old as it says; until an answer comes again the page says so.
function lost(isLost) {
  for (const note of all("[data-lost]")) note.hidden = !isLost;
}
on("htmx:sendError htmx:timeout htmx:responseError", ({ detail }) => {
  if (detail.elt.querySelector?.("[data-lost]")) lost(true);
});

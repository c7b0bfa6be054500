// The banner: the line to the server is lost, back, or the log-in has ended.
const { all, on, one } = desk;
const NOTED = 4000, TOLD = 30_000;
let hush, tried, now = "";
function show(type, wait) {
  for (const each of all("[data-line]")) each.hidden = `desk:${each.dataset.line}` !== type;
  clearTimeout(hush);
  if (wait) hush = setTimeout(unsent, wait);
}
// Into a lost line nothing goes unawares: the first press says so, the next tries all the same.
function unsent(form, isUnsure) {
  tried = form;
  one("[data-unsent]").hidden = !form || isUnsure;
  one("[data-unsure]").hidden = !form || !isUnsure;
  show(form ? "desk:lost" : now, form && TOLD);
}
on("desk:lost desk:out desk:back", ({ type }) => {
  const isBack = type === "desk:back";
  now = isBack ? "" : type;
  show(type, isBack && NOTED);
});
on("submit", (event) => {
  const { target } = event;
  if (event.defaultPrevented || target.method !== "post" || target === tried) return;
  if (navigator.onLine) return;
  event.preventDefault();
  unsent(target);
});
on("htmx:sendError", ({ target }) => target.matches("form[hx-post]") && unsent(target, navigator.onLine));

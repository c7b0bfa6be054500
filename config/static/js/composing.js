// The composer: inserting, Ctrl+Enter, and no loss of typed text.
const { again, all, on, one, reach, write } = desk;

const body = (panel) => one(`${panel} textarea[name=body]`);

function insert(area, text) {
  area.closest("details")?.setAttribute("open", "");
  if (area.value.includes(text)) return reach(area);
  const { selectionStart: start, selectionEnd: end, value } = area;
  const gap = /[^\n]$/.test(value.slice(0, start)) ? "\n\n" : "";
  write(area, gap + text, start, end);
}

on("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const atOnce = "atOnce" in button.dataset;
  const area = (!atOnce && body(".composer details[open]")) || body("#reply");
  if (!area) return;
  if (atOnce) area.selectionStart = area.value.length;
  event.preventDefault();
  insert(area, button.dataset.insert || button.textContent.trim());
});

// What was granted just now is said in the reply.
on("htmx:load", ({ detail: { elt } }) => elt.querySelector("[data-at-once]")?.click());

on("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("textarea")?.form;
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

// One click sends once.
on("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post], :has([hx-post]:not(.kept-at, .see, .preview))")) return;
  if (event.defaultPrevented || form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "yes";
});
on("pageshow", () => {
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
});

// Leaving keeps the words typed last, and asks where nothing keeps them, nor chosen files.
on("beforeunload", (event) => {
  const areas = all("[data-keep-for] textarea");
  const isSending = areas.some(({ form }) => form.dataset.sent);
  for (const area of areas) {
    const { form } = area;
    const address = form.querySelector(".kept-at:not(.failed)")?.getAttribute("hx-post");
    const isNew = area.value !== area.defaultValue && !form.dataset.sent;
    const isKept = !isNew || (address && navigator.onLine && navigator.sendBeacon(address, new FormData(form)));
    if (isNew) setTimeout(again, 3000, area); // if the page stays
    if (!isSending && (!isKept || form.querySelector("[type=file]")?.value)) event.preventDefault();
  }
});

// Ctrl+K: what can be done or opened here, found by a part of its name.
const { all, make, on, onClick, one, step } = desk;
const dialog = one("#commands");
const [field, list] = [one("#commands input"), one("#commands ul")];
const REFERENCE = /^(?:hd)?-?([0-9a-z]{6})$/i;
const FROM = ":is(nav, .menu, .views) a[href], .menu button, main .head :is(button, a[href]), .composer > details > summary, main .button.main, .incoming button, .call-bar :is(button, a.button), [data-help]";
let known = [];

const words = (element) => (element.ariaLabel ?? element.textContent).replace(/\s+/g, " ").trim();
const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

function go(element) {
  if (element.matches("summary")) {
    element.parentElement.open = true;
    element.parentElement.querySelector("textarea, input:not([type=hidden])")?.focus();
  } else element.click();
}

function search(text) {
  const box = one("#search");
  if (!box) return;
  box.value = text;
  box.form.requestSubmit();
}

function fitting(text) {
  const parts = plain(text).trim().split(/\s+/);
  const found = known.filter(({ name }) => parts.every((part) => plain(name).includes(part)));
  const first = ({ name }) => plain(name).startsWith(parts[0]);
  found.sort((a, b) => first(b) - first(a));
  if (!text) return found;
  const isNumber = REFERENCE.test(text);
  const last = { name: `${isNumber ? "Go to ticket" : "Search for"} «${text}»`, act: () => search(text) };
  return isNumber ? [last, ...found] : [...found, last];
}

function draw() {
  const found = fitting(field.value.trim()).slice(0, 12);
  list.replaceChildren(...found.map(({ name, act }, at) => make("li", {
    id: `command-${at}`, role: "option", textContent: name, onclick: () => (dialog.close(), act()),
  })));
  step("ArrowDown", field, list);
}

function gather() {
  const seen = new Set();
  known = all(FROM)
    .map((each) => ({ name: words(each), act: () => go(each) }))
    .filter(({ name }) => name && !seen.has(name) && seen.add(name));
  draw();
}

function open() {
  field.value = "";
  gather();
  dialog.showModal();
}

field.addEventListener("input", draw);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") list.querySelector("[aria-selected=true]")?.click();
  else if (!step(event.key, field, list)) return;
  event.preventDefault();
});
on("keydown", (event) => {
  if (event.key?.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
  event.preventDefault();
  dialog.open ? dialog.close() : open();
});
// The last tickets come once it is open.
on("htmx:load", ({ target }) => target.closest(".recent") && gather());
onClick("[data-commands]", open);

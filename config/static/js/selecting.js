// Rows are selected by click, shift for a stretch, x, or all at once, and stay so when refreshed; b goes
// to what can be done with them, u undoes.
const { all, isKey, on, onClick, one, press, reach, say } = desk;
const picked = new Set();
let last = null;
const boxes = () => all("#rows input[name=t]");

function show() {
  const here = boxes();
  const known = new Set(here.map((box) => box.value));
  for (const each of picked) if (!known.has(each)) picked.delete(each); // it left this page
  for (const box of here) {
    box.checked = picked.has(box.value);
    box.closest("tr").classList.toggle("picked", box.checked);
  }
  const n = picked.size;
  for (const whole of all("[data-pick-all]")) {
    whole.checked = n > 0 && n === here.length;
    whole.indeterminate = n > 0 && !whole.checked;
  }
  one("#bulk")?.classList.toggle("busy", n > 0);
  const said = n ? `${n} ${n === 1 ? "ticket" : "tickets"} selected` : "";
  for (const words of all("[data-picked]")) say(words, said);
}

function set(some, isOn) {
  for (const box of some) picked[isOn ? "add" : "delete"](box.value);
  show();
}
const setAll = (isOn) => set(boxes(), isOn);

function pick(box, isOn, isStretch) {
  const here = boxes();
  const [from, to] = [here.findIndex((each) => each.value === last), here.indexOf(box)];
  const some = isStretch && from >= 0 ? here.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
  last = box.value;
  set(some, isOn);
}

const stopOf = (box) => box?.closest("tr").querySelector("[data-stop]");

function pickThis({ shiftKey }) {
  const box = document.activeElement.closest("#rows tr")?.querySelector("input[name=t]");
  if (box) pick(box, shiftKey || !picked.has(box.value), shiftKey);
  return Boolean(box);
}

function letGo({ target }) {
  if (!picked.size || !target.closest("#rows, #bulk")) return;
  stopOf(one(`#rows input[value="${last}"]`))?.focus();
  setAll(false);
}

const keys = {
  b: () => reach(one("#bulk button")),
  u: () => press("[data-undo]"),
  x: pickThis,
  X: pickThis,
  Escape: letGo,
};

on("click", (event) => {
  const { target } = event;
  if (target.matches("#rows input[name=t]")) {
    pick(target, target.checked, event.shiftKey);
    // By mouse: j, k and x go on from this row.
    if (event.detail) stopOf(target).focus({ preventScroll: true });
  } else if (target.matches("[data-pick-all]")) setAll(target.checked);
});
onClick("[data-pick-page]", () => setAll(true));
onClick("[data-pick-none]", () => setAll(false));

on("keydown", (event) => {
  if (isKey(event) && keys[event.key]?.(event)) event.preventDefault();
});

// A menu that is open stays as it is; once shut, it is asked for again.
on("htmx:beforeSwap", ({ detail }) => {
  const bar = detail.target, menu = bar.matches("#bulk [data-gentle]") && bar.querySelector("[open]");
  if (!menu) return;
  detail.shouldSwap = false;
  menu.ontoggle = () => htmx.trigger(bar, "shut");
});

// A page that the browser kept comes back with its boxes as they were.
const begin = () => {
  for (const box of boxes()) if (box.checked) picked.add(box.value);
  show();
};
on("htmx:afterSwap", show);
on("pageshow", begin);
begin();

// Rows are selected by click, shift for a stretch, x, or all at once, and stay so when refreshed; b goes
// to what can be done, u undoes.
const { all, isKey, on, onClick, one, press, reach, say } = desk;
const picked = new Set();
let last = null;
const boxes = () => all("#rows input[name=t]");

function show() {
  const here = boxes();
  // What left this page is let go.
  for (const each of picked) if (!here.some((box) => box.value === each)) picked.delete(each);
  for (const box of here) {
    box.checked = picked.has(box.value);
    box.closest("tr").classList.toggle("picked", box.checked);
  }
  const n = picked.size;
  for (const whole of all("[data-pick-all]")) {
    whole.checked = n && n === here.length;
    whole.indeterminate = n && !whole.checked;
  }
  one("#bulk")?.classList.toggle("busy", n > 0);
  const said = n ? `${n} ticket${n > 1 ? "s" : ""} selected` : "";
  for (const words of all("[data-picked]")) say(words, said);
}

function set(some, isOn) {
  for (const box of some) picked[isOn ? "add" : "delete"](box.value);
  show();
}

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
  set(boxes(), false);
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
  } else if (target.matches("[data-pick-all]")) set(boxes(), target.checked);
});
onClick("[data-pick-page]", () => set(boxes(), true));
onClick("[data-pick-none]", () => set(boxes(), false));

on("keydown", (event) => {
  if (isKey(event) && keys[event.key]?.(event)) event.preventDefault();
});

// An open menu stays; once shut, it is asked for again.
on("htmx:beforeSwap", ({ detail }) => {
  const bar = detail.target, menu = bar.matches("#bulk [data-gentle]") && bar.querySelector("[open]");
  if (!menu) return;
  detail.shouldSwap = false;
  menu.ontoggle = () => htmx.trigger(bar, "shut");
});

// Back in the browser's history: the boxes as they were.
function begin() {
  for (const box of boxes()) if (box.checked) picked.add(box.value);
  show();
}
on("htmx:afterSwap", show);
on("pageshow", begin);
begin();

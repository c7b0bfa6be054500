// Rows of the queue are selected: by click, by shift for a stretch, by x, and all of the page at once.
// The selection outlives the refreshing of the rows; b goes to what can be done with it, u undoes.
(() => {
  const picked = new Set();
  let last = null;
  const boxes = () => [...document.querySelectorAll("#rows input[name=t]")];
  const bar = () => document.getElementById("bulk");

  function show() {
    const here = boxes();
    const known = new Set(here.map((box) => box.value));
    for (const each of picked) if (!known.has(each)) picked.delete(each); // it left this page
    for (const box of here) {
      box.checked = picked.has(box.value);
      box.closest("tr").classList.toggle("picked", box.checked);
    }
    const all = document.querySelector("[data-pick-all]");
    if (all) {
      all.checked = here.length > 0 && picked.size === here.length;
      all.indeterminate = picked.size > 0 && !all.checked;
    }
    const n = picked.size;
    if (!bar()) return;
    bar().classList.toggle("busy", n > 0);
    const said = n ? `${n} ${n === 1 ? "ticket" : "tickets"} selected` : "";
    for (const words of document.querySelectorAll("[data-picked]")) {
      if (words.textContent !== said) words.textContent = said;
    }
  }

  function pick(box, on, isStretch) {
    const all = boxes();
    const [from, to] = [all.findIndex((each) => each.value === last), all.indexOf(box)];
    const some = isStretch && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const each of some) picked[on ? "add" : "delete"](each.value);
    last = box.value;
    show();
  }

  const pickAll = (on) => {
    for (const box of boxes()) picked[on ? "add" : "delete"](box.value);
    show();
  };

  function byKey(event) {
    if (document.documentElement.dataset.keys === "off") return false;
    if (event.key === "u") {
      const undo = document.querySelector("[data-undo]");
      undo?.click();
      return Boolean(undo);
    }
    if (event.key === "b") {
      bar()?.querySelector("button")?.focus();
      return picked.size > 0;
    }
    if (event.key.toLowerCase() !== "x") return false;
    const box = document.activeElement.closest("#rows tr")?.querySelector("input[name=t]");
    if (box) pick(box, event.shiftKey || !picked.has(box.value), event.shiftKey);
    return Boolean(box);
  }

  document.addEventListener("click", (event) => {
    const { target } = event;
    if (target.matches("#rows input[name=t]")) {
      pick(target, target.checked, event.shiftKey);
      // By mouse: j, k and x go on from this row.
      if (event.detail) target.closest("tr").querySelector("[data-stop]").focus({ preventScroll: true });
    } else if (target.matches("[data-pick-all]")) pickAll(target.checked);
    else if (target.closest("[data-pick-page]")) pickAll(true);
    else if (target.closest("[data-pick-none]")) pickAll(false);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]")) return;
    if (event.key === "Escape" && picked.size && event.target.closest("#rows, #bulk")) {
      document.querySelector(`#rows input[value="${last}"]`)?.closest("tr").querySelector("[data-stop]").focus();
      pickAll(false);
    } else if (byKey(event)) event.preventDefault();
  });

  // A page that the browser kept comes back with its boxes as they were.
  const begin = () => {
    for (const box of boxes()) if (box.checked) picked.add(box.value);
    show();
  };
  document.addEventListener("htmx:afterSwap", show);
  window.addEventListener("pageshow", begin);
  begin();
})();

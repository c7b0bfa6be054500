// Keyboard: j and k move, Enter opens, r replies, n notes, / searches, ? explains.
(() => {
  const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");

  function stops() {
    return [...document.querySelectorAll("[data-stop]")].filter((each) => each.offsetParent !== null);
  }

  function move(step) {
    const all = stops();
    if (!all.length) return;
    const here = all.findIndex((each) => (each.closest("tr") ?? each).contains(document.activeElement));
    const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
    const stop = all[Math.min(Math.max(next, 0), all.length - 1)];
    stop.focus();
    stop.scrollIntoView({ block: "nearest" });
  }

  function write(id) {
    const panel = document.getElementById(id);
    if (!panel) return false;
    panel.open = true;
    const area = panel.querySelector("textarea");
    area.focus();
    area.scrollIntoView({ block: "center" });
    return true;
  }

  function search() {
    const field = document.getElementById("search");
    field?.focus();
    field?.select();
    return Boolean(field);
  }

  function help() {
    const dialog = document.getElementById("keys");
    if (!dialog) return false;
    if (dialog.open) dialog.close();
    else dialog.showModal();
    return true;
  }

  const keys = {
    j: () => (move(1), true),
    k: () => (move(-1), true),
    r: () => write("reply"),
    n: () => write("note"),
    "/": search,
    "?": help,
  };

  // Who speaks to the machine, or strikes keys by accident, turns single keys off (WCAG 2.1.4).
  const root = document.documentElement;
  const toggles = () => document.querySelectorAll("[data-toggle-keys]");

  function setKeys(off) {
    if (off) root.dataset.keys = "off";
    else delete root.dataset.keys;
    for (const each of toggles()) each.setAttribute("aria-pressed", String(!off));
  }

  function toggle() {
    const off = root.dataset.keys !== "off";
    setKeys(off);
    try {
      if (off) localStorage.setItem("keys", "off");
      else localStorage.removeItem("keys");
    } catch {
      // Then it holds for this page only.
    }
  }

  try {
    setKeys(localStorage.getItem("keys") === "off");
  } catch {
    // Storage may be forbidden; the keys then work.
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target.matches?.("textarea, input")) event.target.blur();
    if (typing(event.target) || root.dataset.keys === "off") return;
    if (keys[event.key]?.()) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help();
    if (event.target.closest("[data-toggle-keys]")) toggle();
    for (const menu of document.querySelectorAll("details:is(.menu, .pop)[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
})();

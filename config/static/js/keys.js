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

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target.matches?.("textarea, input")) event.target.blur();
    if (typing(event.target)) return;
    if (keys[event.key]?.()) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help();
    for (const menu of document.querySelectorAll("details:is(.menu, .pop)[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
})();

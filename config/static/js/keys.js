// Keyboard: j and k move, with Shift to the next ticket, Enter opens, r replies, n notes, / searches, ? explains.
(() => {
  const { all, choose, isKey, on, onClick, one, press, reach, root } = desk;

  function move(step) {
    const stops = all("[data-stop]").filter((each) => each.offsetParent !== null);
    const here = stops.findIndex((each) => (each.closest("tr") ?? each).contains(document.activeElement));
    const next = here < 0 ? (step > 0 ? 0 : stops.length - 1) : here + step;
    reach(stops[Math.min(Math.max(next, 0), stops.length - 1)]);
  }

  function write(id) {
    const panel = document.getElementById(id);
    if (!panel) return false;
    panel.open = true;
    return reach(panel.querySelector("textarea"), "center");
  }

  function search() {
    const field = one("#search");
    field?.select();
    return reach(field);
  }

  function help() {
    const dialog = one("#keys");
    if (dialog?.open) dialog.close();
    else dialog?.showModal();
    return Boolean(dialog);
  }

  const keys = {
    J: () => press(".strip [rel=next]"),
    K: () => press(".strip [rel=prev]"),
    j: () => (move(1), true),
    k: () => (move(-1), true),
    r: () => write("reply"),
    n: () => write("note"),
    "/": search,
    "?": help,
  };

  const isOff = () => root.dataset.keys === "off";
  function showToggle() {
    for (const each of all("[data-toggle-keys]")) each.ariaPressed = !isOff();
  }
  showToggle();

  on("keydown", (event) => {
    const { key, target } = event;
    if (key === "Escape" && !event.defaultPrevented && target.matches?.("textarea, input")) target.blur();
    const isHelp = key === "?" && target.closest?.("#keys");
    if ((isHelp || isKey(event)) && keys[key]?.()) event.preventDefault();
  });

  onClick("[data-help]", help);
  onClick("[data-toggle-keys]", () => {
    choose("keys", isOff() ? "" : "off");
    showToggle();
  });
  // What one folds comes folded with the next page; the server reads it.
  document.addEventListener("toggle", ({ target: { dataset, open } }) => {
    if (dataset.folds) document.cookie = `${dataset.folds}=${open ? "open" : "folded"}; path=/; max-age=31536000; samesite=lax`;
  }, true);
  on("click", ({ target }) => {
    for (const menu of all("details:is(.menu, .pop)[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });
})();

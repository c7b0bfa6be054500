// A call under way: its keys, and the bar kept true while other tabs work on it.
(() => {
  let asked = null; // the script of the last key, until another key or a click

  function script(kind) {
    asked = kind;
    const found = document.querySelector(`[data-script=${kind}]`);
    if (!found) return Boolean(document.querySelector(".slot, [hx-trigger=load]"));
    for (const other of document.querySelectorAll("[data-script]")) other.open = other === found;
    found.querySelector("summary").focus();
    found.scrollIntoView({ block: "nearest" });
    return true;
  }

  function press(selector) {
    const button = document.querySelector(selector);
    button?.click();
    return Boolean(button);
  }

  function finish() {
    const field = document.getElementById("finish-summary");
    field?.focus();
    field?.scrollIntoView({ block: "center" });
    return Boolean(field) || press("[data-call-key=f]");
  }

  const keys = {
    a: () => script("angry"), s: () => script("apology"), t: () => script("transfer"), f: finish,
    h: () => press("[data-call-key=h]"), i: () => press("[data-incoming]"),
  };

  // Before the page's other keys: on the phone these mean the call.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (document.documentElement.dataset.keys === "off") return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
    asked = null;
    if (event.key !== "i" && !document.querySelector(".call-bar")) return;
    if (keys[event.key]?.()) event.preventDefault();
  }, true);

  // A script asked for before its panel was there, or while the panel was renewed, opens with it.
  document.addEventListener("htmx:afterSettle", () => {
    if (asked && document.activeElement === document.body) script(asked);
  });

  document.addEventListener("click", ({ target }) => {
    asked = null;
    if (target.closest("a[data-call-key=f]") && document.getElementById("finish-summary")) setTimeout(finish);
  });

  // Another tab may have begun or ended the call meanwhile.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) window.htmx?.trigger("#call-bar", "look");
  });
  // What the server has is no more than what was there: leaving asks nothing, coming back doubles nothing.
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt.id !== "draft-said" || !detail.successful) return;
    document.getElementById("finish-summary").defaultValue = detail.requestConfig.formData.get("summary");
  });

  document.addEventListener("DOMContentLoaded", () => document.querySelector("[data-look-first]")?.focus());
})();

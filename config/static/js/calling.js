// A call under way: its keys, and the bar kept true while other tabs work on it.
const { all, isKey, on, one, press, reach } = desk;
let asked = null; // the script of the last key, until another key or a click

function script(kind) {
  asked = kind;
  const found = one(`[data-script=${kind}]`);
  if (!found) return Boolean(one(".slot, [hx-trigger=load]"));
  for (const other of all("[data-script]")) other.open = other === found;
  found.querySelector("summary").focus();
  return reach(found);
}

const summary = () => one("#finish-summary");
const finish = () => reach(summary(), "center") || press("[data-call-key=f]");

const keys = {
  a: () => script("angry"), s: () => script("apology"), t: () => script("transfer"), f: finish,
  h: () => press("[data-call-key=h]"), i: () => press("[data-incoming]"),
};

// Before the page's other keys: on the phone these mean the call.
on("keydown", (event) => {
  if (event.repeat || !isKey(event)) return;
  asked = null;
  if (event.key !== "i" && !one(".call-bar")) return;
  if (keys[event.key]?.()) event.preventDefault();
}, true);

// A script asked for while its panel is not there opens with it.
on("htmx:afterSettle", () => {
  if (asked && document.activeElement === document.body) script(asked);
});

on("click", ({ target }) => {
  asked = null;
  if (target.closest("a[data-call-key=f]") && summary()) setTimeout(finish);
});

// Another tab or window may have begun or ended the call meanwhile.
on("visibilitychange focus", () => {
  if (!document.hidden && !one("#call-bar :focus")) window.htmx?.trigger("#call-bar", "look");
});
// What the server has is what was there: leaving asks nothing.
on("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id !== "draft-said" || !detail.successful) return;
  summary().defaultValue = detail.requestConfig.formData.get("summary");
});

one("[data-look-first]")?.focus();

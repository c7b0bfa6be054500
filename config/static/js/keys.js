// Keyboard: the sheet that "?" opens says what each key does.
const { all, choose, isKey, on, onClick, one, press, reach, root, tell } = desk;

function move(step) {
  const stops = all("[data-stop]").filter((each) => each.offsetParent !== null);
  const here = stops.findIndex((each) => (each.closest("tr") ?? each).contains(document.activeElement));
  const next = Math.min(Math.max(here + step, 0), stops.length - 1);
  return reach(stops.at(here < 0 && step < 0 ? -1 : next));
}

function write(id) {
  one(`#${id}`)?.setAttribute("open", "");
  return reach(one(`#${id} textarea`), "center");
}

const sort = (name) => reach(one(`#properties [name=${name}]`), "center");

function search() {
  one("#search")?.select();
  return reach(one("#search"));
}

function help() {
  const dialog = one("#keys");
  dialog?.open ? dialog.close() : dialog?.showModal();
  return Boolean(dialog);
}

const keys = {
  J: () => press(".strip [rel=next]"),
  K: () => press(".strip [rel=prev]"),
  j: () => move(1),
  k: () => move(-1),
  r: () => write("reply"),
  n: () => write("note"),
  m: () => press(".head [action$='/take/'] button"),
  v: () => sort("status"),
  o: () => sort("assignee"),
  p: () => sort("priority"),
  "/": search,
  "?": help,
};

// A menu shuts with Escape, and where one turns to something else.
const MENU = "details:is(.menu, .pop)[open]";
function fold(event) {
  const menu = event.target.closest?.(MENU) ?? (event.target === document.body && one(MENU));
  if (!menu) return false;
  event.preventDefault();
  menu.open = false;
  return reach(menu.querySelector("summary"));
}

const isOff = () => root.dataset.keys === "off";
function showToggle() {
  for (const each of all("[data-toggle-keys]")) each.ariaPressed = !isOff();
}
showToggle();

on("keydown", (event) => {
  const { key, target } = event;
  const isOut = key === "Escape" && !event.defaultPrevented && !fold(event);
  if (isOut && target.matches?.("textarea, input")) target.blur();
  const isHelp = key === "?" && target.closest?.("#keys");
  if ((isHelp || isKey(event)) && keys[key]?.()) event.preventDefault();
});

onClick("[data-help]", help);
onClick("[data-toggle-keys]", () => {
  choose("keys", isOff() ? "" : "off");
  showToggle();
});
// What one folds comes folded; the server reads it.
on("toggle", ({ target: { dataset, open } }) => {
  if (dataset.folds) document.cookie = `${dataset.folds}=${open ? "open" : "folded"}; ${dataset.cookie}`;
}, true);
// What was opened before htmx listened.
const OPEN = "details[open]:has([hx-trigger^=toggle])";
on("DOMContentLoaded", () => all(OPEN).forEach((each) => tell("toggle", {}, each)));
on("click", ({ target }) => {
  for (const menu of all(MENU)) if (!menu.contains(target)) menu.open = false;
});
on("focusout", ({ target, relatedTarget }) => {
  const menu = relatedTarget && target.closest(MENU);
  if (menu && !menu.contains(relatedTarget)) menu.open = false;
});

// Keyboard: the sheet that "?" opens says what each key does.
const { all, choose, isKey, on, onClick, one, press, reach, root } = desk;

function move(step) {
  const stops = all("[data-stop]").filter((each) => each.offsetParent !== null);
  const here = stops.findIndex((each) => (each.closest("tr") ?? each).contains(document.activeElement));
  const next = here < 0 ? (step > 0 ? 0 : stops.length - 1) : here + step;
  reach(stops[Math.min(Math.max(next, 0), stops.length - 1)]);
}

function write(id) {
  const panel = one(`#${id}`);
  if (!panel) return false;
  panel.open = true;
  return reach(panel.querySelector("textarea"), "center");
}

const sort = (name) => reach(one(`#properties [name=${name}]`), "center");

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
  m: () => press(".head [action$='/take/'] button"),
  v: () => sort("status"),
  o: () => sort("assignee"),
  p: () => sort("priority"),
  "/": search,
  "?": help,
};

// A menu lies over the page: it shuts with Escape, and where one turns to something else.
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
  if (key === "Escape" && !event.defaultPrevented && !fold(event)) {
    if (target.matches?.("textarea, input")) target.blur();
  }
  const isHelp = key === "?" && target.closest?.("#keys");
  if ((isHelp || isKey(event)) && keys[key]?.()) event.preventDefault();
});

onClick("[data-help]", help);
onClick("[data-toggle-keys]", () => {
  choose("keys", isOff() ? "" : "off");
  showToggle();
});
// What one folds comes folded with the next page; the server reads it.
on("toggle", ({ target: { dataset, open } }) => {
  if (dataset.folds) document.cookie = `${dataset.folds}=${open ? "open" : "folded"}; ${dataset.cookie}`;
}, true);
on("click", ({ target }) => {
  for (const menu of all(MENU)) {
    if (!menu.contains(target)) menu.open = false;
  }
});
on("focusout", ({ target, relatedTarget }) => {
  const menu = relatedTarget && target.closest(MENU);
  if (menu && !menu.contains(relatedTarget)) menu.open = false;
});

// Typed words stay in this tab until the server has them.
const { again, all, attempt, make, on, one, say } = desk;
const PREFIX = "typed ";
const plain = (text) => text.replace(/\r\n?/g, "\n").trim();
const areas = (form) => all("[data-keep-for] textarea").filter((each) => !form || each.form === form);

// By person, so that nobody finds another's words on a shared machine.
function place(area) {
  const reader = area.closest("[data-keep-for]").dataset.keepFor;
  return `${PREFIX}${reader} ${area.form.getAttribute("action") ?? location.pathname} ${area.name}`;
}

// Where storage is full or forbidden a page still shows the words, to copy.
const places = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
const read = (key) => attempt(() => JSON.parse(sessionStorage.getItem(key)));
const write = (key, entry) => attempt(() => sessionStorage.setItem(key, JSON.stringify(entry)));

function keep(area, isSent) {
  const isEmpty = !plain(area.value) || (!isSent && area.value === area.defaultValue);
  if (isEmpty) sessionStorage.removeItem(place(area));
  else write(place(area), { text: area.value, over: area.defaultValue, isSent });
}

function setUnsent() {
  for (const key of places()) write(key, { ...read(key), isSent: false });
}

// Only what was sent last can be what the server says it has.
function sending(form) {
  setUnsent();
  for (const area of areas(form)) keep(area, true);
}

function forget(isGone) {
  for (const key of places()) if (isGone(read(key))) sessionStorage.removeItem(key);
}

function restore(area) {
  const entry = read(place(area));
  const has = (words) => plain(words).includes(plain(entry.text));
  if (!entry || has(area.defaultValue)) return;
  // Words that came meanwhile stay above, to be chosen from; the browser may bring back ours.
  const came = plain(area.value) && plain(area.value) !== plain(entry.over);
  if (!has(area.value)) area.value = came ? `${area.value}\n\n${entry.text}` : entry.text;
  area.closest("details")?.setAttribute("open", "");
  const textContent = entry.isSent
    ? "Your words are here again. Whether they arrived is not known: look above before you send them."
    : "Your words from before are here again; they were not sent.";
  area.after(make("p", { className: "help", role: "status", textContent }));
}

// The page that says that nothing was sent.
function refused() {
  const kept = one("[data-kept]");
  if (!kept || !places().some((key) => read(key)?.isSent)) return;
  setUnsent();
  kept.hidden = false;
  one("[data-not-kept]").hidden = true;
}

on("input", ({ target }) => {
  if (target.matches("[data-keep-for] textarea")) attempt(() => keep(target, false));
});
on("submit", ({ target, defaultPrevented }) => {
  if (defaultPrevented) return;
  const isGoodbye = target.getAttribute("action")?.startsWith("/accounts/logout/");
  attempt(() => (isGoodbye ? forget(() => true) : sending(target)));
});

// A form fetched once it is opened: opened where there are words for it.
function fetchForms() {
  for (const panel of all("[data-keep-for] [data-later]")) {
    const begins = `${PREFIX}${panel.closest("[data-keep-for]").dataset.keepFor} ${panel.dataset.later} `;
    if (places().some((key) => key.startsWith(begins))) panel.open = true;
  }
}

// The server has it as a draft: leaving loses nothing.
on("htmx:afterRequest", ({ detail }) => {
  if (!detail.elt.matches(".kept-at")) return;
  detail.elt.classList.toggle("failed", !detail.successful);
  if (!detail.successful) return say(detail.elt, "Not kept yet: in this tab only");
  for (const area of areas(detail.elt.closest("form"))) {
    if (plain(area.value) !== plain(detail.requestConfig.parameters[area.name] ?? "")) continue;
    area.defaultValue = area.value;
    attempt(() => keep(area, false));
  }
});
on("desk:back", () => {
  for (const area of areas()) if (area.value !== area.defaultValue) again(area);
});
on("htmx:load", ({ detail: { elt } }) => {
  if (elt.closest("[data-later]")) attempt(() => areas().filter((area) => elt.contains(area)).forEach(restore));
});
attempt(() => {
  if (one("[data-saved]")) forget((entry) => entry?.isSent);
  areas().forEach(restore);
  refused();
  fetchForms();
});

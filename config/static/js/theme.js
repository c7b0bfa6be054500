// Loaded first: what the other scripts share, and the reader's choices before the first paint.
window.desk = {
  root: document.documentElement,
  one: (selector) => document.querySelector(selector),
  all: (selector) => [...document.querySelectorAll(selector)],
  make: (tag, properties) => Object.assign(document.createElement(tag), properties),

  on(names, deed, isFirst = false) {
    for (const name of names.split(" ")) addEventListener(name, deed, isFirst);
  },
  onClick(selector, deed) {
    desk.on("click", ({ target }) => {
      const found = target.closest(selector);
      if (found) deed(found);
    });
  },
  tell: (name, detail, where = document.body) => where.dispatchEvent(new CustomEvent(name, { detail, bubbles: true })),

  // Only what is news: it may be read aloud.
  say(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  },
  tone(element, name) {
    for (const each of ["late", "soon", "calm"]) element.classList.toggle(each, each === name);
  },
  // "0:09", "11:40", "2:00:09"
  digits(seconds) {
    const s = Math.max(Math.floor(seconds), 0), two = (n) => String(n).padStart(2, "0");
    const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)];
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  },

  // Asks the server to keep what is typed there.
  again: ({ form }) => form.querySelector(".kept-at")?.dispatchEvent(new Event("again")),
  press(selector) {
    const button = desk.one(selector);
    button?.click();
    return Boolean(button);
  },
  reach(element, block = "nearest") {
    element?.focus();
    element?.scrollIntoView({ block });
    return Boolean(element);
  },
  write(area, text, from, to) {
    area.setRangeText(text, from, to, "end");
    desk.tell("input", {}, area);
    desk.reach(area);
  },
  // Arrows go round through a list's options, down in a new one to its first; the field keeps the focus
  // and names the chosen one.
  step(key, field, list) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!by) return false;
    const options = [...list.querySelectorAll("[role=option]")];
    const here = options.findIndex((each) => each.ariaSelected === "true");
    const next = options.at((here + by) % options.length);
    for (const each of options) each.ariaSelected = each === next;
    field.setAttribute("aria-activedescendant", next?.id ?? "");
    next?.scrollIntoView({ block: "nearest" });
    return true;
  },
  // Single keys mean something where nobody types, and can be turned off (WCAG 2.1.4), but for Escape.
  isKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
    if (desk.root.dataset.keys === "off" && event.key !== "Escape") return false;
    return !event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");
  },

  attempt(deed) {
    try {
      return deed();
    } catch {
      // Storage is full or forbidden: a choice holds for this page only.
    }
  },
  kept: (name) => desk.attempt(() => localStorage.getItem(name)),
  keep: (name, value) =>
    desk.attempt(() => (value ? localStorage.setItem(name, value) : localStorage.removeItem(name))),
  choose(name, value) {
    if (value) desk.root.dataset[name] = value;
    else delete desk.root.dataset[name];
    desk.keep(name, value);
  },
};

// Without a choice the system decides.
for (const [name, values] of [["theme", ["light", "dark", "contrast"]], ["keys", ["off"]]]) {
  if (values.includes(desk.kept(name))) desk.root.dataset[name] = desk.kept(name);
}
desk.root.classList.add("js");
desk.onClick("[data-set-theme]", (button) => desk.choose("theme", button.dataset.setTheme));

// Ctrl+K: everything that can be done or opened on this page, found by typing a part of its name.
(() => {
  const dialog = document.getElementById("commands");
  if (!dialog) return;
  const [field, list] = [dialog.querySelector("input"), dialog.querySelector("ul")];
  const REFERENCE = /^(?:hd)?-?([0-9a-z]{6})$/i;
  const FROM = "nav a[href], .menu a[href], .menu button, .views a[href], main .head button, main .head a[href], .composer > details > summary, main .button.main, .incoming button, .call-bar :is(button, a.button), [data-help]";
  let all = [], chosen = 0;

  const words = (element) => (element.getAttribute("aria-label") ?? element.textContent).replace(/\s+/g, " ").trim();
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");

  function collect() {
    const seen = new Set();
    all = [...document.querySelectorAll(FROM)]
      .filter((each) => !dialog.contains(each))
      .map((each) => ({ name: words(each), act: () => go(each) }))
      .filter(({ name }) => name && !seen.has(name) && seen.add(name));
  }

  function go(element) {
    if (element.matches("summary")) {
      element.parentElement.open = true;
      element.parentElement.querySelector("textarea, input:not([type=hidden])")?.focus();
    } else element.click();
  }

  function search(text) {
    const [form, input] = [document.querySelector("form.search"), document.getElementById("search")];
    if (!form) return;
    input.value = text;
    form.requestSubmit();
  }

  function fitting(text) {
    const parts = plain(text).split(/\s+/).filter(Boolean);
    const found = all.filter(({ name }) => parts.every((part) => plain(name).includes(part)));
    found.sort((a, b) => plain(b.name).startsWith(parts[0] ?? "") - plain(a.name).startsWith(parts[0] ?? ""));
    if (!text.trim()) return found;
    const verb = REFERENCE.test(text.trim()) ? "Go to ticket" : "Search for";
    const last = { name: `${verb} «${text.trim()}»`, act: () => search(text.trim()) };
    return verb === "Search for" ? [...found, last] : [last, ...found];
  }

  function draw() {
    const found = fitting(field.value).slice(0, 12);
    chosen = Math.min(chosen, Math.max(found.length - 1, 0));
    list.replaceChildren(...found.map(({ name, act }, at) => {
      const item = document.createElement("li");
      item.id = `command-${at}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", at === chosen);
      item.textContent = name;
      item.addEventListener("click", () => { dialog.close(); act(); });
      return item;
    }));
    field.setAttribute("aria-activedescendant", found.length ? `command-${chosen}` : "");
  }

  function open() {
    collect();
    field.value = "";
    chosen = 0;
    draw();
    dialog.showModal();
  }

  field.addEventListener("input", () => { chosen = 0; draw(); });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) chosen = (chosen + step + list.children.length) % (list.children.length || 1);
    else if (event.key !== "Enter") return;
    event.preventDefault();
    if (step) draw();
    else list.children[chosen]?.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-commands]") && open());
})();

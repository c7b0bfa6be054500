// "/" offers scripts, "?" articles, "@" colleagues; arrows choose, Enter puts in.
const { make, on, step, write } = desk;
const OF = { "/": "scripts", "?": "articles", "@": "people" };
const SIGN = /(?:^|\s)([/?@])([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]+)?)$/u;
const list = make("ul", { id: "offered", className: "offers-list", hidden: true, role: "listbox", ariaLabel: "What can be put in" });
let area = null, timer = 0, asked = 0;

function found(at) {
  const [, sign, word] = SIGN.exec(at.value.slice(0, at.selectionStart)) ?? [];
  if (!sign || (sign === "@" && !at.closest(".note"))) return null;
  return { sign, word, from: at.selectionStart - word.length - 1 };
}

function close() {
  clearTimeout(timer);
  asked += 1;
  list.hidden = true;
  area?.removeAttribute("aria-activedescendant");
  area?.removeAttribute("aria-controls");
}

async function offer(at, { sign, word }) {
  const mine = (asked += 1);
  const address = `${at.closest("[data-offers]").dataset.offers}${OF[sign]}/?q=${encodeURIComponent(word)}`;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (mine !== asked || !answer?.ok) return;
  const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  // A word that means nothing was no question: "either / or".
  if (word && !fragment.querySelector("[role=option]")) return close();
  area = at;
  list.replaceChildren(...fragment.body.children);
  at.after(list);
  list.hidden = false;
  at.setAttribute("aria-controls", list.id);
  if (word) step("ArrowDown", at, list);
}

function put(option) {
  const place = found(area);
  if (!place) return close();
  const { text = "", run } = option.dataset;
  write(area, text, place.from, area.selectionStart);
  if (run) { // what is typed goes along
    const to = { formAction: run, formNoValidate: true, hidden: true, name: "typed", value: area.closest("details").id };
    area.form.append(make("button", to));
    return area.form.requestSubmit(area.form.lastChild);
  }
  close();
}

on("input", ({ target }) => {
  if (!target.matches("[data-offers] textarea[name=body]")) return;
  const place = found(target);
  if (!place) return close();
  clearTimeout(timer);
  timer = setTimeout(() => offer(target, place), 120);
});

on("keydown", (event) => {
  if (list.hidden || event.target !== area || event.ctrlKey || event.metaKey) return;
  const chosen = list.querySelector("[aria-selected=true]");
  if (event.key === "Escape") close();
  else if (["Enter", "Tab"].includes(event.key) && chosen) put(chosen);
  else if (!step(event.key, area, list)) return;
  event.preventDefault();
  event.stopPropagation();
}, true);

list.addEventListener("mousedown", (event) => {
  event.preventDefault();
  const option = event.target.closest("[role=option]");
  if (option) put(option);
});
on("focusout", ({ target }) => target === area && close());

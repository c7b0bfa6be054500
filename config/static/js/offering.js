// In the composer "/" offers scripts, "?" articles and "@" colleagues; arrows choose, Enter puts in.
(() => {
  const OF = { "/": "scripts", "?": "articles", "@": "people" };
  const SIGN = /(?:^|\s)([/?@])([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]+)?)$/u;
  const list = document.createElement("ul");
  list.className = "offers-list";
  list.id = "offered";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What can be put in");
  let area = null, timer = 0, asked = 0;

  function found(at) {
    const match = SIGN.exec(at.value.slice(0, at.selectionStart));
    if (!match || (match[1] === "@" && !at.closest(".note"))) return null;
    return { sign: match[1], word: match[2], from: at.selectionStart - match[2].length - 1 };
  }

  function close() {
    clearTimeout(timer);
    asked += 1;
    list.hidden = true;
    area?.removeAttribute("aria-activedescendant");
    area?.removeAttribute("aria-controls");
  }

  const options = () => [...list.querySelectorAll("[role=option]")];

  function mark(option) {
    for (const each of options()) each.setAttribute("aria-selected", each === option);
    if (!option) return;
    area.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function offer(at, { sign, word }) {
    const mine = (asked += 1);
    const base = at.closest("[data-offers]").dataset.offers;
    const address = `${base}${OF[sign]}/?q=${encodeURIComponent(word)}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (mine !== asked || !answer?.ok) return;
    const fragment = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    // A word that means nothing was no question: "either / or" is left in peace.
    if (word && !fragment.querySelector("[role=option]")) return close();
    area = at;
    list.replaceChildren(...fragment.body.children);
    at.after(list);
    list.hidden = false;
    at.setAttribute("aria-controls", list.id);
    mark(options()[0]);
  }

  function put(option) {
    const place = found(area);
    if (!place) return close();
    area.setRangeText(option.dataset.text, place.from, area.selectionStart, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
    area.focus();
  }

  document.addEventListener("input", ({ target }) => {
    if (!target.matches("[data-offers] textarea[name=body]")) return;
    const place = found(target);
    if (!place) return close();
    clearTimeout(timer);
    timer = setTimeout(() => offer(target, place), 120);
  });

  document.addEventListener("keydown", (event) => {
    if (list.hidden || event.target !== area || event.ctrlKey || event.metaKey) return;
    const all = options(), here = all.findIndex((each) => each.ariaSelected === "true");
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") mark(all[(here + 1) % all.length]);
    else if (event.key === "ArrowUp") mark(all[(here - 1 + all.length) % all.length]);
    else if ((event.key === "Enter" || event.key === "Tab") && all[here]) put(all[here]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) put(option);
  });
  document.addEventListener("focusout", ({ target }) => target === area && close());
})();

// The composer: buttons that insert their words, Ctrl+Enter to send, and no loss of typed text.
(() => {
  const { all, on, one, reach, write } = desk;

  function composer() {
    const panel = one(".composer details[open]") ?? one("#reply");
    return panel?.querySelector("textarea[name=body]");
  }

  function insert(area, text) {
    area.closest("details")?.setAttribute("open", "");
    if (area.value.includes(text)) return reach(area);
    const [start, end] = [area.selectionStart, area.selectionEnd];
    const before = area.value.slice(0, start);
    const gap = before && !before.endsWith("\n") ? "\n\n" : "";
    write(area, gap + text, start, end);
  }

  on("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const atOnce = "atOnce" in button.dataset;
    const area = atOnce ? one("#reply textarea[name=body]") : composer();
    if (!area) return;
    if (atOnce) area.selectionStart = area.value.length;
    event.preventDefault();
    const source = button.dataset.insertFrom && document.getElementById(button.dataset.insertFrom);
    insert(area, source ? source.textContent : button.dataset.insert || button.textContent.trim());
  });

  // What was granted just now is said in the reply, below what is typed there.
  on("htmx:load", ({ detail: { elt } }) => elt.querySelector("[data-at-once]")?.click());

  on("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("textarea")?.form;
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });

  // One click sends once; a second press while the page is leaving does nothing.
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post], :has([hx-post]:not(.kept-at, .see, .preview))")) return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of all("form[data-sent]")) delete form.dataset.sent;
  });

  // Leaving with unsent words asks first.
  window.addEventListener("beforeunload", (event) => {
    const areas = all("[data-keep-for] textarea");
    const unsent = areas.some((area) => area.value !== area.defaultValue && !area.form.dataset.sent);
    const sending = areas.some((area) => area.form.dataset.sent);
    if (unsent && !sending) event.preventDefault();
  });
})();

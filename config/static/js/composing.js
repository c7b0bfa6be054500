// The composer: buttons that insert their words, Ctrl+Enter to send, and no loss of typed text.
(() => {
  function composer() {
    const panel = document.querySelector(".composer details[open]") ?? document.querySelector("#reply");
    return panel?.querySelector("textarea[name=body]") ?? null;
  }

  function insert(area, text) {
    const panel = area.closest("details");
    if (panel) panel.open = true;
    const [start, end] = [area.selectionStart, area.selectionEnd];
    const before = area.value.slice(0, start);
    const gap = before && !before.endsWith("\n") ? "\n\n" : "";
    area.setRangeText(gap + text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
    area.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const area = composer();
    if (!area) return;
    event.preventDefault();
    const source = button.dataset.insertFrom && document.getElementById(button.dataset.insertFrom);
    insert(area, source ? source.textContent : button.dataset.insert || button.textContent.trim());
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("textarea")?.form;
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });

  // One click sends once; a second press while the page is leaving does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post], :has([hx-post]:not(.kept-at))")) return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Leaving with unsent words asks first.
  window.addEventListener("beforeunload", (event) => {
    const areas = [...document.querySelectorAll("[data-keep-for] textarea")];
    const unsent = areas.some((area) => area.value !== area.defaultValue && !area.form.dataset.sent);
    const sending = areas.some((area) => area.form.dataset.sent);
    if (unsent && !sending) event.preventDefault();
  });
})();

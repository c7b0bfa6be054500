// Who else is on this ticket, reading or writing: said for this window, shown for the others.
(() => {
  const ticket = document.querySelector("[data-ticket]")?.dataset.ticket;
  if (!ticket) return;
  const PACE = 2000, THOUGHT = 15_000, EVERY = 20_000;
  const path = `/tickets/${ticket}/presence/`;
  const name = Math.random().toString(36).slice(2, 12); // of this window
  const secret = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  let doing = "reading", said = 0, timer, thought, again;

  function form() {
    const data = new FormData();
    data.set("window", name);
    data.set("doing", doing);
    data.set("csrfmiddlewaretoken", secret);
    return data;
  }

  async function beat() {
    clearTimeout(timer);
    timer = setTimeout(beat, EVERY);
    if (document.hidden) return;
    said = Date.now();
    try {
      const answer = await fetch(path, { method: "POST", body: form() });
      if (answer.ok && !answer.redirected) show(await answer.text());
    } catch {
      // The line is lost, and is said to be so elsewhere.
    }
  }

  function show(html) {
    clearTimeout(again);
    for (const box of document.querySelectorAll("[data-presence]")) {
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      const list = fresh.content.querySelector("ul");
      if (list.dataset.again) again = setTimeout(beat, list.dataset.again);
      // Only what is news is put there, for it is read aloud.
      if (box.textContent !== list.textContent) box.replaceChildren(list);
    }
  }

  // Begun, given up: said at most every other second.
  function now(deed) {
    if (deed === doing) return;
    doing = deed;
    clearTimeout(timer);
    timer = setTimeout(beat, Math.max(0, said + PACE - Date.now()));
  }

  document.addEventListener("input", ({ target }) => {
    const panel = target.closest("[data-keep-for] textarea")?.closest("details[id]")?.id;
    if (!["reply", "note", "progress"].includes(panel)) return;
    now(target.value.trim() ? panel : "reading");
    clearTimeout(thought);
    thought = setTimeout(now, THOUGHT, "reading");
  });
  window.addEventListener("pagehide", () => {
    doing = "away";
    navigator.sendBeacon(path, form());
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", () => ((doing = "reading"), beat()));
  document.addEventListener("visibilitychange", () => document.hidden || beat());
  document.body.addEventListener("ticket:presence", ({ detail }) => detail.reference === ticket && beat());
})();

// Who else reads or writes here: said for this window, shown for the others.
const { all, on, one } = desk;
const ticket = one("[data-ticket]").dataset.ticket;
const PACE = 2000, THOUGHT = 15_000, EVERY = 20_000;
const path = `/tickets/${ticket}/presence/`;
const name = Math.random().toString(36).slice(2, 12); // of this window
const secret = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
let doing = "reading", said = 0, timer, thought, again;

const form = () => new URLSearchParams({ window: name, doing, csrfmiddlewaretoken: secret });

async function beat() {
  clearTimeout(timer);
  timer = setTimeout(beat, EVERY);
  if (document.hidden) return;
  said = Date.now();
  try {
    const answer = await fetch(path, { method: "POST", body: form() });
    if (answer.ok && !answer.redirected) show(await answer.text());
  } catch {
    // line.js says so.
  }
}

function show(html) {
  clearTimeout(again);
  const list = new DOMParser().parseFromString(html, "text/html").querySelector("ul");
  if (list.dataset.again) again = setTimeout(beat, list.dataset.again);
  for (const box of all("[data-presence]")) {
    // It is read aloud.
    if (box.textContent !== list.textContent) box.replaceChildren(list.cloneNode(true));
  }
}

// Said at most every other second.
function now(deed) {
  if (deed === doing) return;
  doing = deed;
  clearTimeout(timer);
  timer = setTimeout(beat, Math.max(0, said + PACE - Date.now()));
}

on("input", ({ target }) => {
  const panel = target.closest("[data-keep-for] textarea")?.closest("details[id]")?.id;
  if (!["reply", "note", "progress"].includes(panel)) return;
  now(target.value.trim() ? panel : "reading");
  clearTimeout(thought);
  thought = setTimeout(now, THOUGHT, "reading");
});
on("pagehide", () => {
  doing = "away";
  navigator.sendBeacon(path, form());
  clearTimeout(timer);
});
on("pageshow", () => ((doing = "reading"), beat()));
on("visibilitychange", beat);
on("ticket:presence", ({ detail }) => detail.reference === ticket && beat());

// Live updates: one stream while the page is seen; where it fails, a question every quarter minute.
// Tells the page by events on its body: desk:heard (something changed), ticket:changed and
// ticket:presence {reference, version, event}, desk:notice (something was put before the reader),
// desk:lost, desk:back, desk:out. While the stream holds, the body has data-stream.
(() => {
  const { live: address, poll: question, liveSince: made, reader } = document.body.dataset;
  if (!address) return;
  const { on, one, tell } = desk;
  const REST = 20_000, SILENCE = 50_000, MOST = 15_000;
  const ticket = one("[data-ticket]")?.dataset.ticket ?? "";
  const place = `live ${reader} ${ticket}`;
  const timers = {};
  let source = null, since = made, tries = 0, mark, line = "back";
  const stop = (name) => clearTimeout(timers[name]);
  const later = (name, wait, deed) => (stop(name), (timers[name] = setTimeout(deed, wait)));

  const changed = (said = { within: 2000, calm: 4000 }) => tell("desk:heard", said);
  function stands(now) {
    if (now === line) return;
    line = now;
    tell(`desk:${now}`);
    if (now === "back") changed();
  }

  function token() {
    const kept = JSON.parse(sessionStorage.getItem(place));
    return kept?.until > Date.now() + REST ? kept : null;
  }
  async function ask() {
    try {
      const answer = await fetch(`${question}?ticket=${ticket}`, { signal: AbortSignal.timeout(10_000) });
      if (answer.status === 401) return stands("out");
      if (!answer.ok) throw new Error(answer.status);
      const { token, lasts, desk, ticket: its } = await answer.json();
      sessionStorage.setItem(place, JSON.stringify({ token, until: Date.now() + lasts * 1000 }));
      stands("back");
      if (its) tell("ticket:changed", its);
      if (desk !== (mark ??= desk)) changed();
      mark = desk;
    } catch {
      stands("lost");
    }
  }

  function close() {
    source?.close();
    source = null;
    delete document.body.dataset.stream;
    ["silence", "renew", "turn"].forEach(stop);
  }
  const drop = () => (close(), sessionStorage.removeItem(place));
  const anew = () => (drop(), open());
  function failed() {
    drop();
    tries += 1;
    later("turn", Math.min(MOST, 1000 * 2 ** tries) * (0.5 + Math.random()), turn);
  }
  // Asks, then tries to stream, after a while more seldom; again and again until the stream holds.
  async function turn() {
    if (!document.hidden) await ask();
    if (!source && !document.hidden) token() && (tries < 5 || tries % 8 === 0) ? open() : failed();
  }
  const hear = {
    beat: () => (document.body.dataset.stream = "holds"),
    changed: (said) => (tell("ticket:changed", said), changed(said)),
    presence: (said) => tell("ticket:presence", said),
    notice: () => (tell("desk:notice"), changed(), anew()),
    missed: (said) => (changed(said), later("missed", Math.random() * said.within, ask)),
  };
  function open() {
    close();
    const key = token();
    if (!key) return turn();
    const now = (source = new EventSource(`${address}?token=${key.token}&since=${since}`));
    now.onerror = () => source === now && failed();
    for (const kind in hear) {
      now.addEventListener(kind, (event) => {
        tries = 0;
        since = event.lastEventId || since;
        stands("back");
        later("silence", SILENCE, failed);
        hear[kind](JSON.parse(event.data));
      });
    }
    later("silence", MOST, failed);
    later("renew", key.until - Date.now() - REST / 2, anew);
  }

  on("visibilitychange", () => {
    if (document.hidden) return later("rest", REST, close);
    stop("rest");
    if (!source) open();
  });
  window.addEventListener("offline", () => (close(), stands("lost")));
  window.addEventListener("online", () => (close(), turn()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
  if (!document.hidden) open();
})();

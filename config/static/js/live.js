// Live updates: one stream while the page is seen; where it fails, a question every quarter minute.
// Tells the body: desk:heard (something changed), ticket:changed and ticket:presence {reference,
// version, event}, desk:notice (put before the reader), desk:lost, desk:back, desk:out; data-stream.
const { live: address, poll: question, liveSince: made, reader } = document.body.dataset;
const { keep, on, one, tell } = desk;
const REST = 20_000, SILENCE = 50_000, MOST = 15_000;
const ticket = one("[data-ticket]")?.dataset.ticket ?? "";
const place = `live ${reader} ${ticket}`;
const timers = {};
let source = null, since = made, tries = 0, mark, line = "back";
const stop = (name) => clearTimeout(timers[name]);
const later = (name, wait, deed) => (stop(name), (timers[name] = setTimeout(deed, wait)));

const changed = (said = { within: 2000, calm: 4000 }) => tell("desk:heard", said);
const noticed = () => (tell("desk:notice"), changed());
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
    if (!answer.ok) return stands("lost");
    const { token, lasts, desk, ticket: its, now } = await answer.json();
    keep("skew", now - Date.now());
    sessionStorage.setItem(place, JSON.stringify({ token, until: Date.now() + lasts * 1000 }));
    stands("back");
    if (its) tell("ticket:changed", its);
    if (desk !== (mark ??= desk)) noticed();
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
// What happened until now is told already.
const anew = () => (drop(), (mark = undefined), open());
function failed() {
  drop();
  tries += 1;
  later("turn", Math.min(MOST, 1000 * 2 ** tries) * (0.5 + Math.random()), turn);
}
// Asks, then tries to stream, in time more seldom.
async function turn() {
  if (!document.hidden) await ask();
  if (!source && !document.hidden) token() && (tries < 5 || tries % 8 === 0) ? open() : failed();
}
const hear = {
  beat: () => (document.body.dataset.stream = "holds"),
  changed: (said) => (tell("ticket:changed", said), changed(said)),
  presence: (said) => tell("ticket:presence", said),
  incident: (said) => (changed(said), later("incident", Math.random() * said.within, () => tell("desk:incident"))),
  notice: () => (noticed(), anew()),
  missed: (said) => (changed(said), later("missed", Math.random() * said.within, () => (tell("desk:notice"), ask()))),
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
// The log-in has ended: the page says so, and when it is back.
on("htmx:responseError", ({ detail }) => detail.xhr.status === 401 && (drop(), turn()));
on("offline", () => (close(), stands("lost")));
on("online", () => (close(), turn()));
on("pagehide", close);
on("pageshow", (event) => event.persisted && open());
if (!document.hidden) open();

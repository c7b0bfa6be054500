// Keeps <time> elements true by the server's clock. The words: tickets/words.py.
const { all, digits, kept, on, say, tone } = desk;
const MINUTE = 60, HOUR = 3600, DAY = 86400;

function span(seconds) {
  const s = Math.floor(Math.abs(seconds)), whole = (unit) => Math.floor(s / unit);
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${whole(MINUTE)} min`;
  const minutes = s < 10 * HOUR && whole(MINUTE) % 60;
  if (s < 2 * DAY) return `${whole(HOUR)} h` + (minutes ? ` ${minutes} min` : "");
  return `${whole(DAY)} days`;
}

const about = (s) => (s >= HOUR && s < 2 * DAY ? `${Math.floor(s / HOUR)} h` : span(s));

const words = {
  ago: (left) => (left > -10 ? "just now" : `${about(-left)} ago`),
  waited: (left) => span(left),
  left: (left) => (left < 10 * HOUR ? span(left) : `${Math.floor(left / HOUR)} h`),
  hold: (left) => (left > 0 ? `in ${digits(left).padStart(5, "0")}` : "any moment"),
  clock: (left, name) => `${name} ${left < 0 ? "late by" : "due in"} ${span(left)}`.trim(),
};

function open(hours, now) {
  const left = ([from, to]) => Math.max(0, to - Math.max(from, now));
  return hours.split(" ").reduce((sum, each) => sum + left(each.split("-")), 0);
}

function tick() {
  if (document.hidden) return;
  const now = (Date.now() + +kept("skew")) / 1000;
  for (const element of all("time[data-tick]")) {
    const hours = element.dataset.open;
    const left = hours ? open(hours, now) : Date.parse(element.dateTime) / 1000 - now;
    const tell = words[element.dataset.tick];
    if (!tell || Number.isNaN(left)) continue;
    say(element, tell(left, element.dataset.name ?? ""));
    const badge = element.dataset.tick === "clock" && element.closest(".clock");
    if (badge) tone(badge, left < 0 ? "late" : left < HOUR ? "soon" : "calm");
  }
}

setInterval(tick, 1000);
on("visibilitychange htmx:afterSettle DOMContentLoaded", tick);

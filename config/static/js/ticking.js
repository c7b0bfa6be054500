// Keeps <time> elements true while the page stays open. The words are those of tickets/words.py.
//   data-tick="ago"          "5 min ago"
//   data-tick="waited"       "2 h 10 min"
//   data-tick="hold"         "12:04", counting down to the moment a held reply leaves
//   data-tick="clock"        data-name="first reply": "first reply due in 2 h", then "… late by 5 min"
(() => {
  const MINUTE = 60, HOUR = 3600, DAY = 86400;

  function span(seconds) {
    const s = Math.floor(Math.abs(seconds));
    if (s < MINUTE) return `${s} s`;
    if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
    if (s < 10 * HOUR) {
      const minutes = Math.floor((s % HOUR) / MINUTE);
      return `${Math.floor(s / HOUR)} h` + (minutes ? ` ${minutes} min` : "");
    }
    if (s < 2 * DAY) return `${Math.floor(s / HOUR)} h`;
    return `${Math.floor(s / DAY)} days`;
  }

  const about = (s) => (s >= HOUR && s < 2 * DAY ? `${Math.floor(s / HOUR)} h` : span(s));

  function countdown(seconds) {
    const s = Math.floor(seconds);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(s / HOUR);
    const rest = `${two(Math.floor((s % HOUR) / MINUTE))}:${two(s % MINUTE)}`;
    return hours ? `${hours}:${rest}` : rest;
  }

  const words = {
    ago: (left) => (left > -10 ? "just now" : `${about(-left)} ago`),
    waited: (left) => span(left),
    hold: (left) => (left > 0 ? `in ${countdown(left)}` : "any moment"),
    clock: (left, name) =>
      (left >= 0 ? `${name} due in ${span(left)}` : `${name} late by ${span(left)}`).trim(),
  };

  function mark(element, left) {
    const badge = element.closest(".clock");
    if (!badge || element.dataset.tick !== "clock") return;
    const tone = left < 0 ? "late" : left < HOUR ? "soon" : "calm";
    for (const each of ["late", "soon", "calm"]) badge.classList.toggle(each, each === tone);
  }

  function tick() {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("time[data-tick]")) {
      const left = (Date.parse(element.dateTime) - Date.now()) / 1000;
      const say = words[element.dataset.tick];
      if (!say || Number.isNaN(left)) continue;
      const text = say(left, element.dataset.name ?? "");
      if (element.textContent !== text) element.textContent = text;
      mark(element, left);
    }
  }

  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:afterSettle", tick);
  document.addEventListener("DOMContentLoaded", tick);
})();

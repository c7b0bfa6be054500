// A call under way: its running time, and when to go back to the caller. The words are those of
// tickets/calls/standing.py. The server's clock counts (data-now): a wrong one here misleads nobody.
(() => {
  const IN_TIME = 10, AGAIN = 30;
  const title = document.title;
  const offsets = new WeakMap();
  let told = "", sound = null;

  const wantsSound = () => { try { return localStorage.getItem("hold-sound") === "on"; } catch { return false; } };

  function now(element) {
    const origin = element.closest("[data-now]");
    if (!origin) return Date.now();
    if (!offsets.has(origin)) offsets.set(origin, Date.parse(origin.dataset.now) - Date.now());
    return Date.now() + offsets.get(origin);
  }

  function minutes(seconds) {
    const s = Math.max(Math.floor(seconds), 0), two = (n) => String(n).padStart(2, "0");
    const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)];
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  }

  function words(left) {
    if (left < 0) return ["late", `go back: ${minutes(-left)} over`];
    return left <= IN_TIME ? ["soon", `go back now: ${minutes(left)} left`] : ["calm", `back in ${minutes(left)}`];
  }

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function beep() {
    if (!wantsSound()) return;
    sound ??= new AudioContext();
    const [tone, volume] = [sound.createOscillator(), sound.createGain()];
    tone.connect(volume).connect(sound.destination);
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.08, sound.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.5);
    tone.start();
    tone.stop(sound.currentTime + 0.5);
  }

  // Said aloud and sounded once when it is time, once when it is over, then every half minute.
  function announce(hold, left) {
    const step = left > IN_TIME ? "" : left >= 0 ? "soon" : `over ${Math.floor(-left / AGAIN)}`;
    const mark = step && `${hold} ${step}`;
    if (mark === told) return;
    told = mark;
    const region = document.getElementById("call-said");
    if (region) say(region, step ? words(left)[1] : "");
    if (step) beep();
  }

  function tick() {
    for (const each of document.querySelectorAll("[data-since]")) {
      say(each, minutes((now(each) - Date.parse(each.dataset.since)) / 1000));
    }
    for (const each of document.querySelectorAll("[data-zone]")) {
      const how = { weekday: "long", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: each.dataset.zone };
      say(each, new Intl.DateTimeFormat("en-GB", how).format(now(each)).replace(/^(\S+?),? /, "$1, "));
    }
    const timers = document.querySelectorAll("[data-back-at]");
    for (const each of timers) {
      const left = (Date.parse(each.dataset.backAt) - now(each)) / 1000;
      const [tone, text] = words(left);
      say(each, text);
      for (const one of ["late", "soon", "calm"]) each.classList.toggle(one, one === tone);
    }
    const [first] = timers;
    const shown = first ? `${first.textContent} · ${title}` : title;
    announce(first?.dataset.backAt, first ? (Date.parse(first.dataset.backAt) - now(first)) / 1000 : Infinity);
    if ((first || document.title.endsWith(` · ${title}`)) && document.title !== shown) document.title = shown;
  }

  document.addEventListener("click", ({ target }) => {
    const toggle = target.closest("[data-hold-sound]");
    if (!toggle) return;
    try { localStorage.setItem("hold-sound", wantsSound() ? "off" : "on"); } catch { /* then never */ }
    sounds();
    beep();
  });

  function sounds() {
    for (const each of document.querySelectorAll("[data-hold-sound]")) each.setAttribute("aria-pressed", String(wantsSound()));
  }

  for (const name of ["DOMContentLoaded", "htmx:afterSettle"]) document.addEventListener(name, () => (tick(), sounds()));
  setInterval(tick, 500);
})();

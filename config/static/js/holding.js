// A call under way, by the server's clock (data-now). The words: tickets/calls/standing.py.
const IN_TIME = 10, AGAIN = 30;
const { all, digits, keep, kept, on, onClick, one, say, tone } = desk;
const title = document.title;
const offsets = new WeakMap();
let told = "", sound = null;

const wantsSound = () => kept("hold-sound") === "on";

function now(element) {
  const origin = element.closest("[data-now]");
  if (!origin) return Date.now();
  if (!offsets.has(origin)) offsets.set(origin, Date.parse(origin.dataset.now) - Date.now());
  return Date.now() + offsets.get(origin);
}

const leftOf = (timer) => (Date.parse(timer.dataset.backAt) - now(timer)) / 1000;

function words(left) {
  if (left < 0) return ["late", `go back: ${digits(-left)} over`];
  return left <= IN_TIME ? ["soon", `go back now: ${digits(left)} left`] : ["calm", `back in ${digits(left)}`];
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

// Said and sounded when it is time, when it is over, then every half minute.
function announce(hold, left) {
  const step = left > IN_TIME ? "" : left >= 0 ? "soon" : `over ${Math.floor(-left / AGAIN)}`;
  const mark = step && `${hold} ${step}`;
  if (mark === told) return;
  told = mark;
  say(one("#call-said"), step ? words(left)[1] : "");
  if (step) beep();
}

function tick() {
  for (const each of all("[data-since]")) say(each, digits((now(each) - Date.parse(each.dataset.since)) / 1000));
  for (const each of all("[data-zone]")) {
    const how = { weekday: "long", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: each.dataset.zone };
    say(each, new Intl.DateTimeFormat("en-GB", how).format(now(each)).replace(/^(\S+?),? /, "$1, "));
  }
  const timers = all("[data-back-at]"), [first] = timers;
  for (const each of timers) {
    const [name, text] = words(leftOf(each));
    say(each, text);
    tone(each, name);
  }
  const shown = first ? `${first.textContent} · ${title}` : title;
  announce(first?.dataset.backAt, first ? leftOf(first) : Infinity);
  if ((first || document.title.endsWith(` · ${title}`)) && document.title !== shown) document.title = shown;
}

onClick("[data-hold-sound]", () => {
  keep("hold-sound", wantsSound() ? "" : "on");
  sounds();
  beep();
});

function sounds() {
  for (const each of all("[data-hold-sound]")) each.ariaPressed = wantsSound();
}

on("DOMContentLoaded htmx:afterSettle", () => (tick(), sounds()));
setInterval(tick, 500);

// Many hear of a change at once; each asks at a moment of its own, then is calm.
const { on, tell } = desk;
let due = null, rests = 0;
on("desk:heard", ({ detail: { within, calm } }) => {
  const wait = Math.max(Math.random() * within, rests - Date.now());
  due ??= setTimeout(() => {
    [due, rests] = [null, Date.now() + calm];
    tell("desk:changed");
  }, wait);
});
// Nothing is renewed under the finger that presses it; it is asked for again, after the throttle.
on("htmx:beforeSwap", ({ detail }) => {
  if (!detail.shouldSwap || !detail.target.matches("[hx-trigger*='desk:changed']:active:not(.stops)")) return;
  detail.shouldSwap = false;
  setTimeout(tell, 2100, "desk:changed");
});

// Many hear of a change at once; each asks at a moment of its own, not again and again: tells
// desk:changed within so many milliseconds of desk:heard, then is calm for so many.
let due = null, rests = 0;
desk.on("desk:heard", ({ detail: { within, calm } }) => {
  const wait = Math.max(Math.random() * within, rests - Date.now());
  due ??= setTimeout(() => {
    [due, rests] = [null, Date.now() + calm];
    desk.tell("desk:changed");
  }, wait);
});

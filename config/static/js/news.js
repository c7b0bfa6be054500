// What happened on this ticket meanwhile: told in a bar, brought in when asked.
const { all, on, one, tell } = desk;
const here = () => one("[data-ticket]")?.dataset;
let known = 0, brought = {}, heard;

on("ticket:changed", ({ detail }) => {
  const { ticket, message, event } = here() ?? {};
  if (detail.reference !== ticket || !message) return;
  heard = detail;
  if (detail.event <= Math.max(known, event)) return;
  known = detail.event;
  const query = new URLSearchParams({ message, event, since: document.body.dataset.liveSince });
  htmx.ajax("GET", `/tickets/${ticket}/news/?${query}`, { target: "#news", swap: "innerHTML" });
});

// A panel in which something is typed or chosen stays, but for its own form's answer.
const isOther = (field) =>
  field.options
    ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected))
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked;
const fields = "input:not([type=hidden]), textarea, select";
on("htmx:oobBeforeSwap htmx:beforeSwap", ({ target, detail }) => {
  if ((detail.requestConfig?.verb ?? "get") !== "get") return;
  if (target.id === "news" && one("#news .htmx-request")) detail.shouldSwap = false; // "Show" is under way
  if (target.closest?.(".sides") && [...target.querySelectorAll(fields)].some(isOther)) detail.shouldSwap = false;
});

// What was brought in has been seen: the forms say so, later ones too.
on("htmx:afterSettle", ({ target }) => {
  const isNew = target.id === "conversation";
  if (isNew) brought = { version: here().version, seen: here().message };
  for (const name in brought) {
    for (const field of all(`[data-keep-for] input[name=${name}]`)) field.value = brought[name];
  }
  if (!isNew) return;
  one("#news").replaceChildren();
  tell("desk:fresh");
  known = 0;
  if (heard) tell("ticket:changed", heard);
  const newest = one("#newest")?.closest("article");
  newest?.querySelector("summary").focus({ preventScroll: true });
  newest?.scrollIntoView({ block: "nearest" });
});

// The banner: the line to the server is lost, back, or the log-in has ended.
const lines = desk.all("[data-line]");
const show = (type) => lines.forEach((each) => (each.hidden = `desk:${each.dataset.line}` !== type));
let hush;
desk.on("desk:lost desk:out desk:back", ({ type }) => {
  clearTimeout(hush);
  show(type);
  if (type === "desk:back") hush = setTimeout(show, 4000, "");
});

// The banner: the line to the server is lost, back, or the log-in has ended.
(() => {
  const all = [...document.querySelectorAll("[data-line]")];
  const show = (name) => all.forEach((each) => (each.hidden = each.dataset.line !== name));
  let hush;
  for (const name of ["lost", "out", "back"]) {
    document.body.addEventListener(`desk:${name}`, () => {
      clearTimeout(hush);
      show(name);
      if (name === "back") hush = setTimeout(show, 4000, "");
    });
  }
})();

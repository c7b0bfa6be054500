// The window's title says how much is unread, also where another window is looked at.
const { title } = document;
desk.on("htmx:afterSwap", ({ target }) => {
  if (target.id !== "bell") return;
  const number = target.querySelector(".badge")?.firstChild.data;
  document.title = number ? `(${number}) ${title}` : title;
});

// Files come along by dropping or pasting them, too; what is chosen is named, and can be taken out.
(() => {
  const field = (form) => form?.querySelector(".attaching input[type=file]");
  const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

  function set(input, files) {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    input.files = all.files;
    show(input);
  }

  function show(input) {
    const buttons = [...input.files].map((file, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = `${file.name} (${size(file.size)}) ×`;
      button.setAttribute("aria-label", `Take out ${file.name}`);
      button.addEventListener("click", () => {
        set(input, [...input.files].filter((_, other) => other !== at));
        input.focus();
      });
      return button;
    });
    input.parentElement.querySelector(".attached").replaceChildren(...buttons);
  }

  function take(event, files) {
    const input = field(event.target.closest(".composer form"));
    if (!input || !files?.length) return;
    event.preventDefault();
    set(input, [...input.files, ...files]);
  }

  document.addEventListener("change", ({ target }) => target.matches(".attaching input") && show(target));
  document.addEventListener("paste", (event) => take(event, event.clipboardData?.files));
  document.addEventListener("drop", (event) => take(event, event.dataTransfer?.files));
  document.addEventListener("dragover", (event) => {
    const form = event.target.closest?.(".composer form");
    if (form && field(form) && event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
})();

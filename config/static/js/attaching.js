// Files by drop and paste; what is chosen is named, and can be taken out.
const { make, on } = desk;
const field = ({ target }) => target.closest?.(".composer form")?.querySelector(".attaching input[type=file]");
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function set(input, files) {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  input.files = all.files;
  show(input);
}

function show(input) {
  const buttons = [...input.files].map((file) => make("button", {
    type: "button",
    className: "small",
    textContent: `${file.name} (${size(file.size)}) ×`,
    ariaLabel: `Take out ${file.name}`,
    onclick: () => (set(input, [...input.files].filter((other) => other !== file)), input.focus()),
  }));
  input.parentElement.querySelector(".attached").replaceChildren(...buttons);
}

function take(event, files) {
  const input = field(event);
  if (!input || !files?.length) return;
  event.preventDefault();
  set(input, [...input.files, ...files]);
}

on("change", ({ target }) => target.matches(".attaching input") && show(target));
// Text may come with a picture of itself.
on("paste", (event) => event.clipboardData.types.includes("text/plain") || take(event, event.clipboardData.files));
on("drop", (event) => take(event, event.dataTransfer?.files));
on("dragover", (event) => {
  if (field(event) && event.dataTransfer?.types.includes("Files")) event.preventDefault();
});

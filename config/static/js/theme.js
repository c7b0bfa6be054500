// Applies the reader's chosen theme before the first paint; without a choice the system decides.
(() => {
  const root = document.documentElement;
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage may be forbidden; the system's choice then holds.
  }
  if (["light", "dark", "contrast"].includes(chosen)) root.dataset.theme = chosen;
  root.classList.add("js");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    const theme = button.dataset.setTheme;
    try {
      if (theme) localStorage.setItem("theme", theme);
      else localStorage.removeItem("theme");
    } catch {
      // Then it holds for this page only.
    }
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  });
})();

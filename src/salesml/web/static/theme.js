// Runs before the first paint: the chosen theme, else what the system prefers.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("theme");
    } catch {
      // Storage is switched off in this browser: the system decides.
    }
    document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", show);
  addEventListener("storage", show);
  show();
})();

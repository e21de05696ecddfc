// Light or dark. A classic script in the head, so that no page is drawn in the wrong colours first.
(() => {
  const KEY = "antiphon.theme";
  const root = document.documentElement;
  const machine = matchMedia("(prefers-color-scheme: dark)");

  function kept() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be forbidden
    }
  }

  function isDark() {
    return (root.dataset.theme ?? (machine.matches ? "dark" : "light")) === "dark";
  }

  function show() {
    const button = document.getElementById("theme");
    button?.setAttribute("aria-pressed", String(isDark()));
  }

  function turn() {
    const next = isDark() ? "light" : "dark";
    // The machine's own choice is followed again as soon as both agree.
    if (next === (machine.matches ? "dark" : "light")) delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      if (root.dataset.theme) localStorage.setItem(KEY, next);
      else localStorage.removeItem(KEY);
    } catch {
      // It holds until the page is left.
    }
    show();
    dispatchEvent(new Event("antiphon:theme"));
  }

  const before = kept();
  if (before === "light" || before === "dark") root.dataset.theme = before;
  machine.addEventListener("change", () => {
    show();
    dispatchEvent(new Event("antiphon:theme"));
  });
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", turn);
    show();
  });
})();

// In a frame: tells the page around how high this is, and when it is to be closed.
"use strict";
(() => {
  const asked = new URLSearchParams(location.search);
  const host = asked.get("host");
  if (window.parent === window || !/^https?:\/\/[^/]+$/.test(host || "")) return;
  const tell = (message) => window.parent.postMessage({ apresiasi: 1, ...message }, host);
  const main = document.querySelector("main");
  const tellHeight = () => tell({ height: Math.ceil(main.getBoundingClientRect().bottom + scrollY) });
  tellHeight(); // at once: nothing is observed in a frame that is not in view yet
  new ResizeObserver(tellHeight).observe(main);
  if (!asked.has("dialog")) return;
  for (const close of document.querySelectorAll("[data-close]")) {
    close.hidden = false;
    close.addEventListener("click", () => tell({ close: true }));
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.isComposing) tell({ close: true }); });
})();

// Shares the article where the browser can, and copies an address; without this file both work by hand.
"use strict";
(() => {
  const said = document.querySelector("[data-share=said]");
  const copy = async (button, text) => {
    try { await navigator.clipboard.writeText(text); } catch { return false; }
    button.dataset.label = button.dataset.label || button.textContent;
    button.textContent = said.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = button.dataset.label; said.textContent = ""; }, 3000);
    return true;
  };
  for (const part of document.querySelectorAll(".share")) {
    const { url, text } = part.dataset;
    const native = part.querySelector("[data-share=native]");
    const link = part.querySelector("[data-share=copy]");
    const hand = part.querySelector(".share-hand");
    if (navigator.share) {
      native.hidden = false;
      native.addEventListener("click", () => navigator.share({ url, text }).catch(() => {}));
    }
    link.addEventListener("click", async () => {
      if (navigator.clipboard && await copy(link, url)) return;
      hand.classList.add("needed"); // not allowed here: the address to copy by hand
      hand.querySelector("input").select();
    });
  }
  for (const button of document.querySelectorAll("[data-copies]")) {
    if (!navigator.clipboard) break;
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!await copy(button, field.value)) field.select();
    });
  }
})();

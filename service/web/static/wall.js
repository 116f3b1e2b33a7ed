// Brings earlier messages onto the same page; without this file the link leads to them.
"use strict";
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await fetch(link.href).catch(() => null);
  if (!answer || !answer.ok) return location.assign(link.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const wall = document.getElementById("wall");
  const known = new Set([...wall.children].map((item) => item.id));
  const items = [...page.querySelectorAll("#wall > li")].filter((item) => !known.has(item.id));
  wall.append(...items);
  if (items.length) {
    items[0].tabIndex = -1;
    items[0].focus();
  }
  const next = page.querySelector("[data-more]");
  if (next) link.href = next.getAttribute("href");
  else link.closest(".more").remove();
});

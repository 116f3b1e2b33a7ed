// Keeps the numbers of the switch fresh; shows the page anew when somebody else turned it.
"use strict";
(() => {
  const live = document.getElementById("live");
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(live.dataset.source, { cache: "no-store" }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    if (!fresh) return;
    if (fresh.dataset.turned !== live.dataset.turned) return location.assign(live.dataset.source);
    if (fresh.innerHTML !== live.innerHTML) live.innerHTML = fresh.innerHTML;
  }, 2000);
})();

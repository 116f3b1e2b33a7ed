// Asks how the contribution stands, less and less often; shows the page anew when there is news.
"use strict";
(() => {
  const state = document.getElementById("state");
  const { id, status, message } = state.dataset;
  const waiting = "waiting" in state.dataset;
  if (!waiting && message !== "pending" && status !== "awaiting_payment") return;
  let pause = waiting ? 2 : 15; // seconds
  let timer;
  const again = () => { timer = setTimeout(look, pause * 1000); };
  const look = async () => {
    pause = Math.min(pause * 1.3, 60);
    if (document.hidden) return again();
    const answer = await fetch(`/api/v1/contributions/${id}`, { cache: "no-store" }).catch(() => null);
    const now = answer && answer.ok ? await answer.json() : null;
    if (now && (now.status !== status || (message && now.message_state !== message))) return location.reload();
    again();
  };
  document.addEventListener("visibilitychange", () => { // back from the bank's app: at once
    if (document.hidden) return;
    clearTimeout(timer);
    pause = waiting ? 2 : 15;
    look();
  });
  if (status === "created") setTimeout(() => location.reload(), 65000); // then it did not work
  again();
})();

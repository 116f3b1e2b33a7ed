// Looks at the waiting page again every three seconds; shows it anew when there is news.
"use strict";
setInterval(async () => {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer && answer.ok && !(await answer.text()).includes("data-waiting")) location.reload();
}, 3000);

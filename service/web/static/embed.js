// The publisher's one line: <script src="…/embed.js" data-article="…"></script>. It puts a frame after
// itself (data-view: form, wall or count), or opens the form as a dialog from elements that carry
// data-apresiasi-open (data-view="dialog"). docs/widget.md names every attribute.
(() => {
  "use strict";
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const { article, lang, theme, view = "form" } = script.dataset;
  // From which width which height is kept free, so that nothing moves when the frame has loaded.
  const FORM = [[640, 1225], [540, 1255], [440, 1380], [330, 1445], [300, 1475], [0, 1590]];
  const free = (width) => view === "form" ? FORM.find(([least]) => width >= least)[1] : { wall: 160, count: 32 }[view];

  const make = (path, more) => {
    const asked = new URLSearchParams({ article, host: location.origin, ...(lang && { lang }), ...(theme && { theme }), ...more });
    const frame = document.createElement("iframe");
    frame.dataset.src = `${home}/embed/${path}?${asked}`;
    frame.title = "Apresiasi Spesial";
    frame.allow = navigator.share ? "web-share; clipboard-write" : "clipboard-write";
    Object.assign(frame.style, { width: "100%", border: "0", display: "block", colorScheme: theme || "light dark" });
    return frame;
  };
  const hear = (frame, heard) => addEventListener("message", ({ origin, source, data }) => {
    if (origin === home && source === frame.contentWindow && data && data.apresiasi === 1) heard(data);
  });

  if (view !== "dialog") {
    const frame = make(view);
    const wide = (script.parentElement || document.body).clientWidth;
    const kept = free(wide);
    frame.style.height = `${kept}px`;
    // After the article's own parts, and before anybody scrolls there: it has its height when it is seen.
    const load = () => { frame.src = frame.dataset.src; };
    if (document.readyState === "complete") load();
    else addEventListener("load", load);
    hear(frame, ({ height }) => {
      if (height > 0) frame.style.height = `${height < kept && height > kept - 160 ? kept : height}px`;
    });
    script.after(frame);
    return;
  }

  // One listener a page: an opener may name its own article, and what was typed waits for it.
  if (window.apresiasiDialogs) return;
  const dialogs = window.apresiasiDialogs = new Map();
  const articleOf = (opener) => opener.dataset.apresiasiOpen
    || (opener.href && new URL(opener.href).searchParams.get("article")) || article;
  const build = (wanted) => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Apresiasi Spesial");
    Object.assign(dialog.style, { width: "min(40rem, 100vw)", maxWidth: "100vw", maxHeight: "100vh", padding: "0", border: "0", borderRadius: ".75rem", overflow: "hidden" });
    const frame = make("form", { article: wanted, dialog: "1" });
    for (const height of ["90vh", "min(46rem, 96dvh)"]) frame.style.height = height;
    hear(frame, ({ close }) => { if (close) dialog.close(); });
    frame.src = frame.dataset.src;
    dialog.append(frame);
    frame.addEventListener("load", () => { frame.blur(); frame.focus(); }); // the keyboard goes on within it
    dialog.addEventListener("click", (event) => { if (event.target === dialog && Date.now() > dialog.since + 500) dialog.close(); });
    document.body.append(dialog);
    return dialog;
  };
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-apresiasi-open]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return;
    event.preventDefault();
    const wanted = articleOf(opener);
    if (!dialogs.has(wanted)) dialogs.set(wanted, build(wanted));
    const dialog = dialogs.get(wanted);
    dialog.since = Date.now();
    if (!dialog.open) dialog.showModal();
  });
})();

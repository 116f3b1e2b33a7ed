// The form's comforts: amounts grouped as they are typed and said in words, a counter, errors
// before anything is sent, and a button that is pressed once. Everything works without this file.
"use strict";
(() => {
  const form = document.getElementById("give");
  if (!form) return;
  const lang = document.documentElement.lang;
  const other = document.getElementById("other_amount");
  const words = document.getElementById("amount-words");
  const radios = [...form.querySelectorAll("[name=amount]")];
  const otherRadio = document.getElementById("amount-other");

  // Amounts, read as the server reads them (contributions/form.py).
  const GROUPED = /^(?:Rp\.?)?\s*(?:(\d{1,3}(?:[. ]\d{3})+)(?:,-|,00)?|(\d{1,3}(?:,\d{3})+)(?:\.00)?|(\d{1,12})(?:,-|,00|\.00)?)$/i;
  const groupSign = lang === "id" ? "." : ",";
  const read = (text) => {
    const found = GROUPED.exec(text.trim().replace(/[\u00a0\u202f]/g, " "));
    return found ? (found[1] || found[2] || found[3]).replace(/\D/g, "") : "";
  };
  const group = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, groupSign);

  // Words, as contributions/words.py has them.
  const ID = "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas".split(" ");
  const EN = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    + "seventeen eighteen nineteen").split(" ");
  const TENS = "  twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
  const SCALES = { id: { 1e9: "miliar", 1e6: "juta", 1e3: "ribu", 1e2: "ratus" }, en: { 1e9: "billion", 1e6: "million", 1e3: "thousand", 1e2: "hundred" } };
  const withRest = (head, left) => left ? `${head} ${say(left)}` : head;
  const say = (n) => {
    const small = lang === "id" ? ID : EN;
    if (n < small.length) return small[n];
    if (lang === "id" && n < 20) return `${ID[n - 10]} belas`;
    for (const scale of [1e9, 1e6, 1e3, 1e2]) {
      if (n < scale) continue;
      const name = SCALES[lang][scale], many = Math.floor(n / scale);
      return withRest(lang === "id" && many === 1 && scale <= 1e3 ? `se${name}` : `${say(many)} ${name}`, n % scale);
    }
    const ten = Math.floor(n / 10);
    return lang === "id" ? withRest(`${ID[ten]} puluh`, n % 10) : n % 10 ? `${TENS[ten]}-${EN[n % 10]}` : TENS[ten];
  };
  const showWords = () => {
    const chosen = radios.find((radio) => radio.checked);
    const digits = read(!chosen || chosen === otherRadio ? other.value : chosen.value);
    words.value = digits ? `${say(Number(digits))} rupiah` : "";
  };

  // Regrouped is what is plain digits, well grouped, or what we grouped ourselves and digits were
  // typed into or taken from. What might be a decimal mark stays as it was typed, for the server to judge.
  const WELL = new RegExp(`^(\\d*|\\d{1,3}(\\${groupSign}\\d{3})+)$`);
  let ours = "";
  const regroup = (event) => {
    const edits = ours && event && (/^\d+$/.test(event.data || "") || /^delete/.test(event.inputType || ""));
    ours = edits || WELL.test(other.value) ? grouped() : "";
  };
  const grouped = () => {
    const before = other.value.slice(0, other.selectionStart).replace(/\D/g, "").length;
    const digits = other.value.replace(/\D/g, "").replace(/^0+(?=\d)/, "");
    other.value = digits.length > 12 ? other.value : group(digits);
    let at = 0;
    for (let seen = 0; seen < before && at < other.value.length; at += 1) seen += /\d/.test(other.value[at]);
    if (document.activeElement === other) other.setSelectionRange(at, at);
    return other.value;
  };
  other.addEventListener("input", (event) => {
    if (other.value.trim()) otherRadio.checked = true;
    regroup(event);
    showWords();
  });
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      if (radio === otherRadio) other.focus();
      else other.value = ours = "";
      showWords();
    });
  }
  regroup();
  showWords();

  // The counter counts as the server does: by grapheme, of the text as it will be kept.
  const message = document.getElementById("message");
  const count = document.getElementById("message-count");
  const said = document.getElementById("message-said");
  const limit = Number(message.dataset.limit);
  const kept = (text) => text.normalize("NFC").replace(/\r\n?/g, "\n").split("\n").map((line) => line.trim().replace(/\s+/g, " "))
    .join("\n").replace(/\n{3,}/g, "\n\n").trim();
  const graphemes = (text) => window.Intl && Intl.Segmenter
    ? [...new Intl.Segmenter(lang, { granularity: "grapheme" }).segment(text)].length : [...text].length;
  let later;
  const showCount = () => {
    const left = limit - graphemes(kept(message.value));
    const text = (left < 0 ? message.dataset.over : message.dataset.left).replace("#", Math.abs(left));
    count.textContent = text;
    count.classList.toggle("error", left < 0);
    clearTimeout(later);
    later = setTimeout(() => { said.textContent = left <= limit / 5 ? text : ""; }, 1000);
  };
  message.addEventListener("input", showCount);
  showCount();

  // Sending: once. In a frame the form is looked at first, so that errors stay beside the article.
  const button = form.querySelector("button.main");
  const label = button.textContent;
  const busy = (on) => {
    button.setAttribute("aria-disabled", on);
    button.textContent = on ? form.dataset.sending : label;
  };
  let sending = false, looked = false;
  const rest = () => { sending = looked = false; busy(false); };
  let tired;
  form.addEventListener("submit", async (event) => {
    if (sending && !looked) return event.preventDefault();
    sending = true;
    busy(true);
    clearTimeout(tired);
    tired = setTimeout(rest, 20000); // a lost connection; the server takes a second press for the first
    if (!form.dataset.check || looked) { looked = false; return; }
    event.preventDefault();
    const within = window.AbortSignal && AbortSignal.timeout ? { signal: AbortSignal.timeout(8000) } : {};
    const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form), ...within }).catch(() => null);
    const problem = answer && !answer.ok ? await answer.json().catch(() => null) : null;
    if (problem && problem.title && !isForThePage(problem)) {
      rest();
      return showProblem(problem);
    }
    looked = true; // taken as it is, or the page that it leads to will say
    form.requestSubmit(button);
  });
  window.addEventListener("pageshow", rest);
  // The page at top level has a fresh token, and the terms that changed.
  const isForThePage = (problem) => problem.code === "terms_outdated" || (problem.errors && problem.errors.form);

  const summary = document.getElementById("summary");
  const names = summary && summary.dataset.names ? JSON.parse(summary.dataset.names) : {};
  const showProblem = (problem) => {
    const errors = problem.errors || {};
    summary.querySelector("h2").textContent = problem.title || "";
    summary.querySelector("p").textContent = problem.detail || "";
    const list = summary.querySelector("ul");
    list.replaceChildren(...Object.entries(errors).map(([name, found]) => {
      const item = document.createElement("li");
      if (!names[name]) { item.textContent = found.message; return item; }
      const link = document.createElement("a");
      link.href = `#${name === "amount" ? "amount-first" : name}`;
      link.textContent = `${names[name]}: ${found.message}`;
      item.append(link);
      return item;
    }));
    list.hidden = !list.children.length;
    for (const name of Object.keys(names)) showError(name, errors[name]);
    summary.hidden = false;
    const first = Object.keys(names).find((name) => errors[name]);
    (first ? document.getElementById(first === "amount" ? "amount-first" : first) : summary).focus();
  };
  const showError = (name, found) => {
    const text = document.getElementById(`${name}-error`);
    if (!text) return;
    text.textContent = found ? found.message : "";
    text.hidden = !found;
    const field = document.getElementById(name === "amount" ? "other_amount" : name);
    if (found) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (name === "amount") document.getElementById("amount").classList.toggle("wrong", Boolean(found));
  };
})();

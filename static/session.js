// The end of a session that is idle: said two minutes before, put off by any click or key. What was typed survives it.
"use strict";
(() => {
  const KEPT = "typed";
  const OLDEST = 12 * 60 * 60 * 1000;  // no session lives longer
  const page = document.getElementById("session");  // only of a signed-in user
  const here = location.pathname + location.search;

  // ---- what was typed: kept while the sign-in page is open, for the same user and page ----
  const fields = () => [...document.querySelectorAll(".main input, .main textarea, .main select, #ask input, #ask textarea")]
    .filter((field) => field.name && !["hidden", "password", "file", "submit", "button", "search"].includes(field.type));
  const named = (list) => {
    const counts = new Map();
    return list.map((field) => {
      const form = field.form ? field.form.id || field.form.getAttribute("action") || "" : "";
      const name = `${form}|${field.name}|${["checkbox", "radio"].includes(field.type) ? field.value : ""}`;
      const nth = counts.get(name) || 0;
      counts.set(name, nth + 1);
      return [`${name}|${nth}`, field];
    });
  };
  const changed = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
    return field.value !== field.defaultValue;
  };
  const valueOf = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked;
    return field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
  };
  const fill = (field, value) => {
    if (field.type === "checkbox" || field.type === "radio") field.checked = value;
    else if (field.multiple) [...field.options].forEach((option) => { option.selected = value.includes(option.value); });
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const read = () => {
    try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; }
  };
  const write = (kept) => {
    try { sessionStorage.setItem(KEPT, JSON.stringify(kept)); } catch { sessionStorage.removeItem(KEPT); }
  };
  const keep = () => {
    const typed = named(fields()).filter(([, field]) => changed(field)).map(([name, field]) => [name, valueOf(field)]);
    if (typed.length) write({ user: page.dataset.user, page: here, at: Date.now(), typed });
  };
  const restore = () => {
    const kept = read();
    sessionStorage.removeItem(KEPT);
    if (page.hasAttribute("data-restored")) return;  // the server has kept the form that was sent
    if (!kept || !kept.signIn || kept.user !== page.dataset.user || kept.page !== here || Date.now() - kept.at > OLDEST) return;
    const left = new Map(kept.typed);
    const put = () => {
      let some = false;
      named(fields()).forEach(([name, field]) => {
        if (!left.has(name)) return;
        fill(field, left.get(name));
        left.delete(name);
        some = true;
      });
      if (some) page.dispatchEvent(new CustomEvent("say", { bubbles: true, detail: "What you typed was kept. Check it, then send it again." }));
    };
    put();
    if (left.size) document.addEventListener("htmx:afterSettle", put);  // parts that are loaded later
  };

  if (document.querySelector("[data-sign-in]")) {
    const kept = read();
    if (kept) write({ ...kept, signIn: true });
  }
  if (!page) return;
  restore();
  window.addEventListener("pagehide", keep);
  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-forget")) window.removeEventListener("pagehide", keep);
  });

  // ---- the end ----
  const limit = Number(page.dataset.idle) * 1000;
  if (!limit) return;
  const early = Math.min(2 * 60 * 1000, limit / 2);
  const rest = Math.min(60 * 1000, limit / 60);  // between two reports
  const note = document.getElementById("idle");
  const title = document.title;
  let ends = Date.now() + Number(page.dataset.left) * 1000;
  let reported = ends - limit;
  let asked = 0;
  let due = null;

  const send = (verb) => htmx.ajax(verb, page.dataset.stay, { source: page, swap: "none" });
  const report = () => {
    due = null;
    reported = Date.now();
    send("POST");
  };
  const active = () => {
    // What is done within a minute of the last report is reported at its end.
    if (due === null) due = setTimeout(report, Math.max(0, reported + rest - Date.now()));
  };
  const look = () => {
    const left = ends - Date.now();
    const isNear = left <= early;
    // Another window of this browser may have had the clicks, so the server knows best.
    if (isNear && Date.now() - asked > (left > 0 ? 10 : 2) * 1000) {
      asked = Date.now();
      send("GET");
    }
    if (note.hidden === !isNear) return;
    note.hidden = !isNear;
    document.title = isNear ? `Signing out soon · ${title}` : title;
    if (isNear) {
      const time = new Date(ends).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
      note.querySelector("[data-text]").textContent = `You will be signed out at ${time} unless you click or type.`;
    }
  };
  document.addEventListener("session", (event) => {
    ends = Date.now() + event.detail.seconds * 1000;
    look();
  });
  document.addEventListener("keydown", active, true);
  document.addEventListener("pointerdown", active, true);
  document.addEventListener("click", active, true);
  document.addEventListener("visibilitychange", look);
  // A large file on a slow line is sent for longer than an hour, by a person who waits for it.
  document.addEventListener("submit", (event) => {
    const sendsFile = [...event.target.elements].some((field) => field.type === "file" && field.files.length);
    if (sendsFile && !event.defaultPrevented) setInterval(active, rest);
  });
  setInterval(look, 1000);
})();

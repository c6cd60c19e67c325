// Every page works without this script. It reports failures, preserves the user's input while a part of the page refreshes, and
// opens the dialog. Its conventions are described in templates/base.html.
"use strict";
(() => {
  const line = document.getElementById("line");
  const ask = document.getElementById("ask");
  let lostContact = false;

  const say = (sentence, isBad = true) => {
    if (!line) return;
    line.classList.toggle("note-bad", isBad);
    line.lastElementChild.textContent = sentence;
    line.hidden = false;
    if (line.getBoundingClientRect().top < 0) line.scrollIntoView({ block: "center" });
  };
  document.addEventListener("say", (event) => say(event.detail, false));
  const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

  // ---- the token, still valid after signing in again in another tab ----
  const csrfCookie = `${document.body.dataset.csrfCookie}=`;
  const token = () => {
    const cookie = document.cookie.split("; ").find((entry) => entry.startsWith(csrfCookie));
    return cookie && cookie.slice(csrfCookie.length);
  };
  document.addEventListener("htmx:configRequest", (event) => {
    if (token()) event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("submit", (event) => {
    const field = event.target.elements.namedItem("csrfmiddlewaretoken");
    if (field && token()) field.value = token();
  }, true);

  // ---- failures are reported, never silent ----
  const failed = (element, sentence) => {
    if (element.dataset && element.dataset.part && !element.dataset.loaded) {
      const box = document.createElement("div");
      const title = document.createElement("b");
      const again = document.createElement("button");
      box.className = "blank";
      title.textContent = `Couldn't load: ${element.dataset.part}`;
      again.className = "linkish";
      again.type = "button";
      again.textContent = "Try again";
      again.addEventListener("click", () => htmx.trigger(element, "refresh"));
      box.append(title, "The rest of the page is up to date. ", again);
      element.replaceChildren(box);
    } else {
      say(sentence);
    }
  };
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    const sentence = {
      403: "Not allowed: this page is out of date, or you don't have access. Reload the page.",
      404: "This no longer exists. Reload the page.",
      413: "That was too large.",
      429: "Too many attempts. Wait a minute, then try again.",
    }[status] || `This didn't work (server error ${status}). Reload the page to see what changed.`;
    failed(event.detail.elt, sentence);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      lostContact = true;
      failed(event.detail.elt, `VoisoAdmin hasn't answered since ${clock()}. This page shows the state at that time and updates again automatically.`);
    });
  }
  // A refusal whose answer has no target on the page: show its own sentence.
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.hasAttribute("data-say") || ![409, 422].includes(xhr.status)) return;
    const told = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector('[role="alert"], [role="status"]');
    say(told ? told.textContent.replace(/\s+/g, " ").trim() : "This was refused. Refresh, then decide.");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && lostContact && line) {
      lostContact = false;
      line.hidden = true;
    }
  });

  // ---- automatic refreshes pause while the page is hidden, its text is selected or its menu is open ----
  const selecting = (element) => {
    const selection = document.getSelection();
    return Boolean(selection && !selection.isCollapsed && element.contains(selection.anchorNode));
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig, target } = event.detail;
    const byItself = !requestConfig.triggeringEvent && (elt.getAttribute("hx-trigger") || "").includes("every");
    if (byItself && (document.hidden || (target && selecting(target)))) event.preventDefault();
    // What is read of Voiso for an open page is read only while someone can see it.
    if (elt.hasAttribute("data-look") && document.hidden) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    document.querySelectorAll('[hx-trigger*="refresh"]').forEach((element) => htmx.trigger(element, "refresh"));
  });

  // ---- a refresh doesn't replace a pressed button: between down and up it would swallow the click ----
  let pressed = null;
  const putOff = new Set();
  const press = (event) => { pressed = event.target; };
  // The click itself comes first.
  const release = () => setTimeout(() => {
    pressed = null;
    putOff.forEach((element) => htmx.trigger(element, "refresh"));
    putOff.clear();
  });
  document.addEventListener("pointerdown", press, true);
  document.addEventListener("pointerup", release, true);
  document.addEventListener("pointercancel", release, true);
  document.addEventListener("keydown", (event) => { if (event.key === " ") press(event); }, true);
  document.addEventListener("keyup", (event) => { if (event.key === " ") release(); }, true);
  window.addEventListener("blur", release);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, target, requestConfig } = event.detail;
    if (!pressed || !target || !target.contains(pressed) || requestConfig.verb !== "get") return;
    if (!(elt.getAttribute("hx-trigger") || "").includes("refresh")) return;
    event.detail.shouldSwap = false;
    putOff.add(elt);
  });

  // ---- the user's input survives a refresh ----
  const nameOf = (field) => field.id || `${field.form ? field.form.id || field.form.getAttribute("action") : ""}|${field.name}|${field.type === "checkbox" || field.type === "radio" ? field.value : ""}`;
  const keep = (target) => {
    const kept = { ticks: new Map(), texts: new Map(), open: new Set(), scroll: new Map(), active: null };
    target.querySelectorAll("input, textarea, select").forEach((field) => {
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked !== field.defaultChecked) kept.ticks.set(nameOf(field), field.checked);
      } else if (field.tagName !== "SELECT" && field.type !== "hidden" && field.value !== field.defaultValue) {
        kept.texts.set(nameOf(field), field.value);
      }
    });
    target.querySelectorAll("details[id]").forEach((details) => { if (details.open) kept.open.add(details.id); });
    target.querySelectorAll("[id]").forEach((element) => {
      if (element.scrollLeft || element.scrollTop) kept.scroll.set(element.id, [element.scrollLeft, element.scrollTop]);
    });
    const active = document.activeElement;
    if (active && active !== document.body && target.contains(active)) kept.active = active.id;
    return kept;
  };
  const giveBack = (mine) => {
    document.querySelectorAll("input, textarea").forEach((field) => {
      const name = nameOf(field);
      if (mine.ticks.has(name)) field.checked = mine.ticks.get(name);
      if (mine.texts.has(name)) field.value = mine.texts.get(name);
    });
    mine.open.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
    mine.scroll.forEach(([left, top], id) => { const element = document.getElementById(id); if (element) element.scrollTo(left, top); });
    const active = mine.active && document.getElementById(mine.active);
    if (active && document.activeElement !== active) active.focus({ preventScroll: true });
  };
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    if (!target || !event.detail.shouldSwap) return;
    kept = target === ask || event.detail.requestConfig.verb !== "get" ? null : keep(target);
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept) return;
    const mine = kept;
    kept = null;
    giveBack(mine);
  });

  // ---- one poll for all parts of a page: it names the version of each, and its answer holds only the parts that have changed ----
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.hasAttribute("data-poll")) return;
    const versions = [...document.querySelectorAll("[data-version]")].map((part) => part.dataset.version);
    event.detail.parameters.v = versions.filter(Boolean).join(" ");
  });
  let keptOfPart = null;
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    if (!target.hasAttribute("data-version")) return;
    // The part keeps its old version, so the next poll brings it again.
    if ((pressed && target.contains(pressed)) || selecting(target)) event.detail.shouldSwap = false;
    else keptOfPart = keep(target);
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    if (keptOfPart) giveBack(keptOfPart);
    keptOfPart = null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.dataset && event.target.dataset.part) event.target.dataset.loaded = "yes";
  });

  // ---- the dialog ----
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === ask && ask && !ask.open) ask.showModal();
  });
  if (ask) {
    ask.addEventListener("close", () => ask.replaceChildren());
    ask.addEventListener("click", (event) => { if (event.target === ask) ask.close(); });
  }

  // ---- clicks ----
  document.addEventListener("click", (event) => {
    const element = event.target.closest("button, a, summary");
    document.querySelectorAll("details.who-menu[open], #drawer[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (!element) return;
    if (element.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (element.title) say(element.dataset.reason || `${element.title}.`, false);
    } else if (element.hasAttribute("data-close")) {
      const dialog = element.closest("dialog");
      if (dialog) { event.preventDefault(); dialog.close(); }
    }
  }, true);

  document.addEventListener("change", (event) => {
    if (event.target.form && event.target.closest("[data-submit]")) event.target.form.requestSubmit();
  });

  // ---- keys ----
  const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const focus = document.activeElement;
    if (event.key === "/" && !typing(focus)) {
      const search = document.querySelector('.main input[type="search"]');
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "Escape") {
      document.querySelectorAll("details.who-menu[open], #drawer[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && focus.matches("table.list a.name")) {
      const names = [...focus.closest("table").querySelectorAll("a.name")];
      const next = names[names.indexOf(focus) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });
})();

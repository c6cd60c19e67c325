// The ticks of the board's rows: how many can be started, paused or stopped; a range with Shift; Esc clears, Space ticks the row
// whose name has the focus. Without this script the ticks and the bar work, without numbers.
"use strict";
(() => {
  const picks = () => [...document.querySelectorAll(".pick")];
  let last = null; // the tick from which Shift selects

  const count = () => {
    const bar = document.querySelector(".bulkbar:not(.is-all)");
    if (!bar) return;
    const all = picks();
    const ticked = all.filter((pick) => pick.checked);
    const text = bar.querySelector("[data-ticked]");
    if (text) text.textContent = `${ticked.length.toLocaleString("en")} selected`;
    bar.querySelectorAll("[data-count]").forEach((place) => {
      const can = ticked.filter((pick) => pick.dataset.can.split(" ").includes(place.dataset.count)).length;
      const button = place.closest("button");
      place.textContent = can.toLocaleString("en");
      if (can) {
        button.removeAttribute("aria-disabled");
        button.removeAttribute("title");
      } else {
        button.setAttribute("aria-disabled", "true");
        button.title = "Not possible for any of the selected campaigns";
      }
    });
    // A search may have found others since the page was loaded.
    const link = bar.querySelector("[data-select-all]");
    const board = document.getElementById("board");
    if (link && board) {
      link.href = link.dataset.selectAll + board.dataset.here;
      link.textContent = `Select all ${Number(board.dataset.total).toLocaleString("en")}`;
      link.hidden = Number(board.dataset.total) <= ticked.length;
    }
    const head = document.getElementById("pick-all");
    if (head) {
      head.checked = Boolean(all.length) && ticked.length === all.length;
      head.indeterminate = Boolean(ticked.length) && !head.checked;
    }
  };

  const clear = () => {
    picks().forEach((pick) => { pick.checked = false; });
    last = null;
    count();
  };

  document.addEventListener("click", (event) => {
    const pick = event.target.closest(".pick");
    if (pick) {
      const all = picks();
      const from = all.findIndex((other) => other.id === last);
      const to = all.indexOf(pick);
      if (event.shiftKey && from >= 0) {
        all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => { other.checked = pick.checked; });
      }
      last = pick.id;
      count();
    }
    if (event.target.id === "pick-all") {
      picks().forEach((other) => { other.checked = event.target.checked; });
      count();
    }
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) document.getElementById(dismiss.dataset.dismiss)?.remove();
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id === "bulk") setTimeout(clear);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const focus = document.activeElement;
    if (event.key === "Escape" && picks().some((pick) => pick.checked)) {
      clear();
    } else if (event.key === " " && focus.matches("table.board a.name")) {
      const pick = focus.closest("tr").querySelector(".pick");
      if (pick) { event.preventDefault(); pick.click(); }
    }
  });
  document.addEventListener("htmx:afterSettle", count);
  window.addEventListener("pageshow", count);
})();

// The board: while a row is ticked or pointed at, its poll brings no other rows and no other order; a click on a row's button is
// one click, though all rows share a form; s and p start and pause the row whose name has the focus.
"use strict";
(() => {
  const table = () => document.getElementById("board-table");
  const rows = () => [...document.querySelectorAll("#board-table tr[id^='row-']")];

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (elt.id !== "poll" || !table()) return;
    if (document.querySelector(".pick:checked") || table().matches(":hover")) {
      parameters.kept = rows().map((row) => row.id.slice(4)).join(" ");
    }
  });

  // Every button has its own token until its answer is there: the same click twice is one.
  const tokens = new Map();
  const newToken = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (!elt.matches("#board-table button[name='change']")) return;
    if (!tokens.has(elt.id)) tokens.set(elt.id, newToken());
    parameters.client_token = tokens.get(elt.id);
  });
  document.addEventListener("htmx:afterRequest", (event) => tokens.delete(event.detail.elt.id));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const focus = document.activeElement;
    const change = { s: "start", p: "pause" }[event.key];
    if (!change || !focus.matches("table.board a.name")) return;
    const button = document.getElementById(`${change}-${focus.id.slice(2)}`);
    if (button) { event.preventDefault(); button.click(); }
  });
})();

// The page of a checked file. Without this script its forms do the same, one page at a time.
"use strict";
(() => {
  const form = document.getElementById("choices");
  // A field has one column, unless a name is joined from several: choosing another one for it frees the column it had. Runs
  // before the form is sent (app.js).
  if (form) form.addEventListener("change", ({ target }) => {
    if (!target.name.startsWith("column-") || ["", "name"].includes(target.value)) return;
    for (const other of form.querySelectorAll('select[name^="column-"]')) {
      if (other !== target && other.value === target.value) other.value = "";
    }
  });

  // What was typed isn't in the check that the foot would send.
  if (form) form.addEventListener("input", () => {
    const deck = document.getElementById("deck");
    if (deck) deck.classList.add("not-applied");
  });

  // ---- cells are edited in place: Enter or double click opens one, Enter saves it, Esc leaves it ----
  const JUDGED_AFTER = 300;  // ms without typing
  let open = null;  // { cell, row, input, before, verdict }
  let next = "";  // the row whose cell is opened after the next swap

  const close = () => {
    if (!open) return;
    const { cell, row, before, verdict } = open;
    open = null;
    cell.replaceChildren(...before);
    row.querySelector(".verdict").replaceChildren(...verdict);
    row.classList.remove("is-edit");
  };
  const wrongCell = (row) => row.querySelector("td.is-wrong[data-column]") || row.querySelector("td[data-column]");
  const judge = () => {
    const { cell, row, input } = open;
    const query = new URLSearchParams({ column: cell.dataset.column, value: input.value });
    htmx.ajax("GET", `${row.dataset.try}?${query}`, { source: document.body, target: row.querySelector(".verdict"), swap: "innerHTML" });
  };
  const edit = (cell) => {
    close();
    const row = cell.closest("tr");
    const input = document.createElement("input");
    open = { cell, row, input, before: [...cell.childNodes], verdict: [...row.querySelector(".verdict").childNodes] };
    input.className = "form-control";
    input.value = cell.dataset.text;
    input.maxLength = 5000;
    input.autocomplete = "off";
    input.setAttribute("aria-label", `${cell.dataset.labelOf}, row ${row.id.replace("row-", "")}`);
    let wait = 0;
    input.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => { if (open && open.input === input) judge(); }, JUDGED_AFTER);
    });
    row.classList.add("is-edit");
    cell.replaceChildren(input);
    input.focus();
    input.select();
  };
  const save = (then) => {
    const { cell, row, input } = open;
    if (input.value === cell.dataset.text) { close(); return false; }
    next = then;
    open = null;
    htmx.ajax("POST", row.dataset.url, {
      source: document.body,
      target: "#verdict",
      swap: "outerHTML",
      values: {
        do: "edit",
        column: cell.dataset.column,
        value: input.value,
        seen_hash: row.dataset.hash,
        version: row.closest("table").dataset.version,
        client_token: crypto.randomUUID(),
      },
    });
    return true;
  };
  const idAfter = (row) => (row.nextElementSibling ? row.nextElementSibling.id : "");
  const step = (cell, back) => {
    const cells = [...document.querySelectorAll("#rows td[data-column]")];
    return cells[cells.indexOf(cell) + (back ? -1 : 1)];
  };

  document.addEventListener("dblclick", ({ target }) => {
    const cell = target.closest("#rows td[data-column]");
    if (cell && !(open && open.cell === cell)) edit(cell);
  });
  document.addEventListener("click", (event) => {
    const pencil = event.target.closest("#rows a.row-edit");
    if (!pencil || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const cell = wrongCell(pencil.closest("tr"));
    if (cell) { event.preventDefault(); edit(cell); }
  });
  document.addEventListener("keydown", (event) => {
    if (open && event.target === open.input) {
      const { cell, row } = open;
      if (event.key === "Escape") {
        event.preventDefault();
        close();
        row.querySelector("a.row-edit").focus();
      } else if (event.key === "Enter") {
        event.preventDefault();
        const after = idAfter(row);
        if (!save(after) && after) edit(wrongCell(document.getElementById(after)));
      } else if (event.key === "Tab") {
        const other = step(cell, event.shiftKey);
        if (!other) return;
        event.preventDefault();
        const place = [other.closest("tr").id, other.dataset.column].join(" ");
        if (!save(place)) edit(other);
      }
      return;
    }
    const pencil = event.target.closest && event.target.closest("#rows a.row-edit");
    if (pencil && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const all = [...document.querySelectorAll("#rows a.row-edit")];
      const other = all[all.indexOf(pencil) + (event.key === "ArrowDown" ? 1 : -1)];
      if (other) { event.preventDefault(); other.focus(); }
    }
  });
  // What others change comes later while a cell is open.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (open && event.detail.elt.id === "others") event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!next) return;
    const [id, column] = next.split(" ");
    next = "";
    const row = document.getElementById(id);
    const cell = row && (column ? row.querySelector(`td[data-column="${column}"]`) : wrongCell(row));
    if (cell) edit(cell);
    else if (document.getElementById("rows")) document.getElementById("rows").focus({ preventScroll: true });
  });
})();

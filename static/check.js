// The page of a checked file. Without this script its forms do the same, one page at a time.
"use strict";
(() => {
  const form = document.getElementById("choices");
  if (!form) return;
  // A field has one column, unless a name is joined from several: choosing another one for it frees the column it had. Runs
  // before the form is sent (app.js).
  form.addEventListener("change", ({ target }) => {
    if (!target.name.startsWith("column-") || ["", "name"].includes(target.value)) return;
    for (const other of form.querySelectorAll('select[name^="column-"]')) {
      if (other !== target && other.value === target.value) other.value = "";
    }
  });
})();

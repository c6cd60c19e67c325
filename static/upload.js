// The drop area of a new upload. Without this script the file field does the same.
"use strict";
(() => {
  const form = document.getElementById("new-upload");
  if (!form) return;
  const MIB = 1024 * 1024;
  const field = form.elements.namedItem("file");
  const drop = document.getElementById("drop");
  const problem = document.getElementById("file-problem");
  const button = document.getElementById("send-file");

  // Refuse a file over the limit before sending any of it; without a script the server refuses it.
  const check = () => {
    const file = field.files[0];
    const workbook = file && !/\.(csv|tsv|txt)$/i.test(file.name);
    const limit = Number(workbook ? form.dataset.workbookMib : form.dataset.csvMib);
    const tooLarge = Boolean(file && file.size > limit * MIB);
    const tooMany = field.files.length > 1;  // several can be dropped, though not chosen
    problem.hidden = !tooLarge && !tooMany;
    problem.textContent = tooMany ? "Upload one file at a time." : tooLarge
      ? `${file.name} is ${Math.ceil(file.size / MIB)} MB. The limit is ${limit} MB for ${workbook ? "workbooks. Save it as CSV or split it." : "CSV files. Split it in two."}`
      : "";
    field.setAttribute("aria-invalid", String(!problem.hidden));
    return problem.hidden;
  };
  field.addEventListener("change", check);
  form.addEventListener("submit", (event) => {
    if (!check()) {
      event.preventDefault();
      field.focus();
      return;
    }
    button.setAttribute("aria-disabled", "true");
    button.lastChild.textContent = "Uploading…";
  });
  window.addEventListener("pageshow", () => {
    button.removeAttribute("aria-disabled");
    button.lastChild.textContent = "Upload and check";
  });
  for (const name of ["dragover", "dragenter"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    check();
  });
})();

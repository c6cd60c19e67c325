// Copies what a button names. Where the browser can't, there is no such button: the text can be selected.
"use strict";
(() => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.querySelector("span");
    const name = label.textContent;
    label.setAttribute("aria-live", "polite");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText((source.value || source.textContent).trim());
        label.textContent = "Copied";
        setTimeout(() => { label.textContent = name; }, 2000);
      } catch {
        getSelection().selectAllChildren(source);
      }
    });
  }
})();

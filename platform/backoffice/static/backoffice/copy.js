/* A button with data-copies="<id>" copies that element's text and says so beside it. */
"use strict";

(() => {
  /* Where the browser has no clipboard: it has one over https and on localhost alone. */
  function copyBySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied ? Promise.resolve() : Promise.reject();
  }

  function copy(button) {
    const text = document.getElementById(button.dataset.copies).innerText.trim();
    const state = button.parentElement.querySelector("[role=status]");
    const copied = navigator.clipboard ? navigator.clipboard.writeText(text) : copyBySelection(text);
    copied.then(
      () => { state.textContent = "Copied."; },
      () => { state.textContent = "Not copied: select the text and copy it."; },
    );
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copies]");
    if (button) copy(button);
  });
})();

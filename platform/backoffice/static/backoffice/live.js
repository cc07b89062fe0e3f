/* What htmx leaves open on live pages: they rest while hidden, and say what failed. */
"use strict";

(() => {
  function fail(event) {
    const root = event.target;
    if (!root.matches(".live")) return;
    root.dataset.ended = event.detail.xhr.status === 403 ? "yes" : "";
    const state = root.querySelector(".live-state");
    state.classList.add("bad");
    state.textContent = root.dataset.ended
      ? "Signed out. Load the page again to sign in."
      : "The platform does not answer; trying again.";
  }

  document.addEventListener("htmx:responseError", fail);
  document.addEventListener("htmx:sendError", fail);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const root = event.target;
    if (root.matches(".live") && (document.hidden || root.dataset.ended)) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.querySelectorAll(".live").forEach((root) => htmx.trigger(root, "refresh"));
  });
})();

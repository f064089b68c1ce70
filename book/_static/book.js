// What a page of the book does beside showing itself.
(function () {
  "use strict";

  // One switch opens all code of a page.
  function addSwitch() {
    const folds = Array.from(document.querySelectorAll(".bd-article details.hide"));
    const title = document.querySelector(".bd-article h1");
    if (!folds.length || !title) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "all-code";
    const say = (open) => {
      button.setAttribute("aria-pressed", String(open));
      button.textContent = open ? "Hide code" : "Show all code";
    };
    say(false);
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      folds.forEach((fold) => { fold.open = open; });
      say(open);
    });
    title.after(button);
  }

  // On paper nothing can be opened.
  function openForPrint() {
    document.querySelectorAll(".bd-article details").forEach((fold) => { fold.open = true; });
  }

  // A formula that is wider than the page can be scrolled by keyboard, and shows that it goes on.
  function markWide() {
    document.querySelectorAll(".bd-article .math").forEach((box) => {
      const wide = box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0;
      box.classList.toggle("wide", wide);
      if (!wide) { box.removeAttribute("tabindex"); box.removeAttribute("role"); return; }
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "Formula, scrolls sideways");
      box.onscroll = () => box.classList.toggle(
        "at-end", box.scrollLeft + box.clientWidth >= box.scrollWidth - 2);
    });
  }

  document.addEventListener("DOMContentLoaded", addSwitch);
  window.addEventListener("beforeprint", openForPrint);
  window.addEventListener("load", () => {
    Promise.resolve(window.MathJax?.startup?.promise).then(() => {
      markWide();
      new ResizeObserver(markWide).observe(document.querySelector(".bd-article") ?? document.body);
      document.addEventListener("toggle", markWide, true);
    });
  });
})();

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

  // What is wider than the page can be scrolled by keyboard, and shows that it goes on.
  const WIDE = {
    "div.math mjx-container, span.math": "Formula, scrolls sideways",
    ".pst-scrollable-table-container": "Table, scrolls sideways",
  };
  function measured(box) {
    const more = box.scrollWidth > box.clientWidth;
    return [box, more, more && box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0];
  }
  function mark([box, more, wide], name) {
    box.classList.toggle("wide", wide);
    // What does not fit by a pixel of rounding needs no scrolling.
    box.classList.toggle("fits", !wide && more);
    if (!wide) {
      ["tabindex", "role", "aria-label"].forEach((name) => box.removeAttribute(name));
      return;
    }
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", name);
    box.onscroll = () => box.classList.toggle(
      "at-end", box.scrollLeft + box.clientWidth >= box.scrollWidth - 2);
  }
  // Each is measured when the browser has laid it out, and again when its size changes: all that
  // changed at once, before any of it is marked, since a mark makes the next measure lay out again.
  function markWide() {
    Object.entries(WIDE).forEach(([kind, name]) => {
      const watch = (boxOf) => new ResizeObserver((seen) => {
        // What has no size yet would be laid out to be measured.
        const boxes = seen.filter((entry) => entry.contentRect.width).map((entry) => boxOf(entry.target));
        Array.from(new Set(boxes), measured).forEach((found) => mark(found, name));
      });
      const sizes = watch((box) => box), inside = watch((part) => part.parentElement);
      document.querySelectorAll(`.bd-article :is(${kind})`).forEach((box) => {
        sizes.observe(box);
        Array.from(box.children).forEach((child) => inside.observe(child));
      });
    });
  }

  // On the ledger, claims by verdict, paper and chapter; without this script all are shown.
  function addFilter() {
    const badges = Array.from(document.querySelectorAll(".bd-article .badge[data-chapter]"));
    if (badges.length < 2) return;
    const facts = badges.map((badge) => ({
      item: badge.closest("tr") ?? badge.closest("section"),
      verdict: badge.textContent,
      paper: badge.dataset.paper,
      chapter: badge.dataset.chapter,
    }));
    const form = document.createElement("form");
    form.className = "claim-filter";
    const shown = document.createElement("output");
    const chosen = [];
    const update = () => {
      const wanted = facts.filter((fact) =>
        chosen.every(([key, select]) => !select.value || fact[key] === select.value));
      facts.forEach((fact) => { fact.item.hidden = !wanted.includes(fact); });
      shown.value = wanted.length + " of " + facts.length + " claims";
    };
    ["verdict", "paper", "chapter"].forEach((key) => {
      const values = Array.from(new Set(facts.map((fact) => fact[key])));
      if (values.length < 2) return;
      const label = document.createElement("label");
      const select = document.createElement("select");
      select.append(new Option("all", ""), ...values.map((value) => new Option(value)));
      select.addEventListener("change", update);
      select.autocomplete = "off";
      label.append(key, select);
      form.append(label);
      chosen.push([key, select]);
    });
    form.append(shown);
    const first = facts[0].item;
    (first.closest(".pst-scrollable-table-container") ?? first.closest("table") ?? first).before(form);
    update();
    // A link to a claim shows it, whatever was chosen.
    window.addEventListener("hashchange", () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target?.closest("[hidden]")) return;
      chosen.forEach(([, select]) => { select.value = ""; });
      update();
      target.scrollIntoView();
    });
  }

  document.addEventListener("DOMContentLoaded", addSwitch);
  document.addEventListener("DOMContentLoaded", addFilter);
  window.addEventListener("beforeprint", openForPrint);
  window.addEventListener("load", markWide);
})();

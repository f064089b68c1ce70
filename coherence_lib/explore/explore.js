// The static face of an explorer: moves the curves of one figure along stored frames.
(function () {
  "use strict";
  const root = document.getElementById("IDENTITY");
  if (!root || root.dataset.alive) return;
  root.dataset.alive = "true";
  const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const name = root.id.replace(/^explore-/, "");
  const inputs = Array.from(root.querySelectorAll('input[type="range"]'));
  const outputs = Array.from(root.querySelectorAll(".explore-slider output"));
  const readout = root.querySelector(".explore-readout output");

  // The first frame is an image, which any page shows; inline, its curves can move.
  const image = root.querySelector("img");
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (c) => c.charCodeAt(0));
  const text = new TextDecoder().decode(bytes);
  const svg = document.importNode(
    new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  image.replaceWith(svg);
  root.querySelector(".explore-controls").style.display = "";

  // Stored are differences, and [length] for a run of gaps.
  const summed = (steps) => {
    let last = 0;
    return steps.flatMap((step) =>
      Array.isArray(step) ? Array(step[0]).fill(null) : [(last += step)]);
  };
  const curves = data.curves.map((curve) => ({
    x: summed(curve.x),
    dots: curve.dots,
    path: svg.querySelector('[id="' + curve.id + '"] path'),
  }));

  function draw() {
    const at = inputs.map((input) => Number(input.value));
    const frame = at.reduce((sum, k, i) => sum * data.sliders[i].values.length + k, 0);
    curves.forEach((curve, i) => {
      let d = "", pen = "M";
      summed(data.pool[data.frames[frame][i]]).forEach((y, k) => {
        if (y === null) { pen = "M"; return; }
        d += pen + curve.x[k] / 10 + " " + y / 10 + (curve.dots ? "h0" : "");
        pen = curve.dots ? "M" : "L";
      });
      curve.path.setAttribute("d", d);
    });
    at.forEach((k, i) => {
      outputs[i].value = data.sliders[i].values[k];
      inputs[i].setAttribute("aria-valuetext", data.sliders[i].values[k]);
    });
    readout.value = data.texts[frame];
  }

  // The state is in the URL's fragment, beside that of the page's other explorers.
  // Some programs that pass a link on write its signs as %3D and %26.
  const plain = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const entries = () =>
    plain(location.hash.slice(1)).split("&").filter((entry) => entry.includes("="));
  const own = (entry) => entry.startsWith(name + ".");
  function read() {
    const found = new Map();
    entries().filter(own).forEach((entry) => {
      const [key, value] = entry.slice(name.length + 1).split("=");
      const i = data.sliders.findIndex((slider) => slider.name === key);
      const wanted = value ? Number(value) : NaN;
      if (i < 0 || !Number.isFinite(wanted)) return;
      const distance = data.sliders[i].values.map((v) => Math.abs(Number(v) - wanted));
      found.set(i, distance.indexOf(Math.min(...distance)));
    });
    // A link means the same whatever was set before: what it does not name is at its start.
    if (found.size) {
      inputs.forEach((input, i) => { input.value = found.get(i) ?? data.sliders[i].start; });
    }
    return found.size > 0;
  }
  let timer = 0;
  const written = () => entries().filter(own).join("&");
  function write(reset) {
    clearTimeout(timer);
    const before = written();
    timer = setTimeout(() => {
      // A link that was followed meanwhile, and is about to be read, is not written over.
      if (written() !== before) return;
      const mine = reset ? [] : data.sliders.map(
        (slider, i) => name + "." + slider.name + "=" + slider.values[inputs[i].value]);
      const all = entries().filter((entry) => !own(entry)).concat(mine);
      history.replaceState(null, "", all.length ? "#" + all.join("&") : location.pathname + location.search);
    }, 200);
  }

  inputs.forEach((input) => input.addEventListener("input", () => { draw(); write(false); }));
  function restart() {
    inputs.forEach((input, i) => { input.value = data.sliders[i].start; });
    draw();
  }
  root.querySelector("button").addEventListener("click", () => { restart(); write(true); });
  // Until fonts and formulas are in place, what stands above moves it away again.
  const show = () => root.scrollIntoView({ behavior: "instant" });
  const set = () => Promise.all([document.fonts.ready, window.MathJax?.startup?.promise]).then(show);
  window.addEventListener("hashchange", () => {
    // Back from a link to the page itself. A link to a section leaves the sliders alone.
    const back = !location.hash;
    if (read()) { draw(); show(); }
    else if (back) restart();
    else return;
    // What was set before is no longer to be written.
    clearTimeout(timer);
  });
  if (read()) {
    if (document.readyState === "complete") set();
    else window.addEventListener("load", set);
  }
  draw();
})();

"use strict";
// What the page does beyond standing there: words over points, arrow keys, other colours on the map, copying commands.
// Without it everything is still to be read and heard.
(() => {
  const tip = document.getElementById("tip");
  const NEAR = 14; // pixels from a point at which it is meant

  const drawings = [...document.querySelectorAll(".drawing")].map((box) => {
    const svg = box.querySelector("svg");
    const points = [...svg.querySelectorAll(".place, .dot")];
    for (const point of points) {
      const title = point.querySelector("title");
      point.said = title.textContent;
      title.remove(); // else the browser shows it a second time
      point.x0 = Number(point.getAttribute("cx"));
      point.y0 = Number(point.getAttribute("cy"));
    }
    return { box, svg, points, at: null };
  });

  const partners = (drawing, point) =>
    point.dataset.t === undefined ? [] : drawing.points.filter((p) => p !== point && p.dataset.t === point.dataset.t
      && p.classList.contains("track") !== point.classList.contains("track"));

  function leave(drawing) {
    if (!drawing.at) return;
    tip.hidden = true;
    drawing.at.classList.remove("at");
    drawing.svg.classList.remove("faded");
    for (const near of drawing.svg.querySelectorAll(".near")) near.classList.remove("near");
    for (const line of drawing.svg.querySelectorAll(".tie")) line.remove();
    drawing.at = null;
  }

  function show(drawing, point) {
    if (drawing.at === point) return;
    leave(drawing);
    drawing.at = point;
    point.classList.add("at");
    const kin = partners(drawing, point);
    if (kin.length) {
      drawing.svg.classList.add("faded");
      for (const p of [point, ...kin]) p.classList.add("near");
      for (const p of kin) {
        const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
        line.setAttribute("class", "tie");
        for (const [name, value] of [["x1", point.x0], ["y1", point.y0], ["x2", p.x0], ["y2", p.y0]]) line.setAttribute(name, value);
        drawing.svg.append(line);
      }
    }
    tip.textContent = words(point, kin);
    tip.hidden = false;
    const spot = point.getBoundingClientRect(), own = tip.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(spot.left + spot.width / 2 - own.width / 2, wide - own.width - 8));
    const above = spot.top - own.height - 8;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above > 4 ? above : spot.bottom + 8) + scrollY}px`;
  }

  function words(point, kin) {
    if (!point.classList.contains("dot")) return point.said;
    if (point.classList.contains("track")) {
      const quoted = kin.slice(0, 3).map((p) => `“${p.said}”`).join(" ");
      return `track: ${point.said}${quoted ? ` – ${quoted}` : ""}`;
    }
    return `caption: “${point.said}”${kin.length ? ` – of ${kin[0].said}` : ""}`;
  }

  function nearest(drawing, event) {
    const frame = drawing.svg.getBoundingClientRect(), box = drawing.svg.viewBox.baseVal;
    const scale = box.width / frame.width;
    const x = (event.clientX - frame.left) * scale, y = (event.clientY - frame.top) * scale;
    let best = null, least = (NEAR * scale) ** 2;
    for (const p of drawing.points) {
      const apart = (p.x0 - x) ** 2 + (p.y0 - y) ** 2;
      if (apart < least) [best, least] = [p, apart];
    }
    return best;
  }

  // The next point in a direction: near, and rather straight ahead than aside.
  function towards(drawing, key) {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const from = drawing.at;
    if (!from) return drawing.points[0];
    let best = null, least = Infinity;
    for (const p of drawing.points) {
      const ahead = (p.x0 - from.x0) * dx + (p.y0 - from.y0) * dy;
      const aside = Math.abs((p.x0 - from.x0) * dy) + Math.abs((p.y0 - from.y0) * dx);
      if (p === from || ahead < 0.5) continue;
      const cost = ahead + 2 * aside;
      if (cost < least) [best, least] = [p, cost];
    }
    return best || from;
  }

  for (const drawing of drawings) {
    drawing.box.addEventListener("pointermove", (event) => {
      const point = nearest(drawing, event);
      if (point) show(drawing, point); else leave(drawing);
    });
    drawing.box.addEventListener("pointerdown", (event) => {
      const point = nearest(drawing, event);
      if (point) show(drawing, point);
    });
    drawing.box.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") leave(drawing); // a finger that is lifted has left, and wants to read
    });
    document.addEventListener("pointerdown", (event) => {
      if (!drawing.box.contains(event.target)) leave(drawing);
    });
    drawing.box.addEventListener("blur", () => leave(drawing));
    drawing.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return leave(drawing);
      if (!event.key.startsWith("Arrow") || !drawing.points.length) return;
      event.preventDefault();
      show(drawing, towards(drawing, event.key));
    });
  }

  for (const select of document.querySelectorAll(".colour-by")) {
    const figure = select.closest("figure");
    select.addEventListener("change", () => {
      const chosen = Number(select.value);
      for (const dot of figure.querySelectorAll(".dot")) {
        const number = dot.dataset.k.split(" ")[chosen];
        dot.setAttribute("class", dot.getAttribute("class").replace(/\bk\d\b/, `k${number}`));
      }
      figure.querySelectorAll(".legend").forEach((legend, i) => { legend.hidden = i !== chosen; });
    });
  }

  for (const audio of document.querySelectorAll("audio[data-same]")) {
    audio.src = document.getElementById(audio.dataset.same).src;
  }
  document.addEventListener("play", (event) => {
    for (const audio of document.querySelectorAll("audio")) if (audio !== event.target) audio.pause();
  }, true);

  if (navigator.clipboard) {
    for (const button of document.querySelectorAll(".copy")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(button.previousElementSibling.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Select and copy by hand";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
    }
  }

  const theme = document.getElementById("theme");
  const dark = () => (document.documentElement.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.hidden = false;
  label();
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    label();
  });
})();

/**
 * What the page does beyond being read: a pointer or the arrow keys on a plot show the values there, and each table can
 * be saved as CSV. The page is complete without it. Everything is written by textContent; nothing is fetched.
 */
export const script = `
"use strict";
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);
  const line = (text, tag = "div") => Object.assign(document.createElement(tag), { textContent: text });
  const positionOf = (plot, value) => {
    const share = plot.isLog ? Math.log(value / plot.min) / Math.log(plot.max / plot.min) : (value - plot.min) / (plot.max - plot.min);
    return plot.left + plot.width * (plot.isInverted ? 1 - share : share);
  };
  for (const figure of document.querySelectorAll("figure[data-plot]")) {
    const plot = JSON.parse(figure.dataset.plot);
    const picture = figure.querySelector(".plot");
    const table = figure.querySelector("table");
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent));
    const places = rows.map((row) => positionOf(plot, Number(row[0])));
    const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
    const rule = document.createElement("div");
    rule.className = "rule";
    rule.hidden = true;
    picture.append(rule);
    let at = -1;
    const show = (place) => {
      at = place;
      const index = order[place];
      const box = picture.getBoundingClientRect();
      rule.hidden = tip.hidden = false;
      rule.style.left = 100 * places[index] + "%";
      rule.style.top = 100 * plot.top + "%";
      rule.style.height = 100 * plot.height + "%";
      const values = rows[index].map((value, i) => [names[i], value]).filter(([, value]) => value !== "");
      tip.replaceChildren(line(values[0][1] + "  " + values[0][0], "strong"), ...values.slice(1).map(([name, value]) => line(name + ": " + value)));
      const left = box.left + places[index] * box.width + 12;
      tip.style.left = Math.max(4, Math.min(left, innerWidth - tip.offsetWidth - 8)) + scrollX + "px";
      tip.style.top = box.top + scrollY + plot.top * box.height + 8 + "px";
    };
    const hide = () => { rule.hidden = tip.hidden = true; at = -1; };
    const nearest = (share) => order.reduce((best, index, place) => Math.abs(places[index] - share) < Math.abs(places[order[best]] - share) ? place : best, 0);
    if (rows.length === 0) continue;
    picture.tabIndex = 0;
    picture.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      show(nearest((event.clientX - box.left) / box.width));
    });
    picture.addEventListener("pointerleave", hide);
    picture.addEventListener("blur", hide);
    picture.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") hide();
      if (step === undefined) return;
      event.preventDefault();
      show(at < 0 ? 0 : Math.max(0, Math.min(order.length - 1, at + step)));
    });
  }
  const quoted = (text) => {
    const safe = /^[=+@\\t\\r]|^-(?![\\d.])/.test(text) ? "'" + text : text;
    return /[",\\n\\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  for (const details of document.querySelectorAll("figure details")) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Save as CSV" });
    button.addEventListener("click", () => {
      const rows = [...details.querySelectorAll("tr")].map((row) => [...row.cells].map((cell) => quoted(cell.textContent)).join(","));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([rows.join("\\n") + "\\n"], { type: "text/csv" }));
      link.download = details.closest("figure").getAttribute("aria-label").replace(/[^a-z0-9]+/gi, "-").toLowerCase() + ".csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    details.append(button);
  }
})();
`;

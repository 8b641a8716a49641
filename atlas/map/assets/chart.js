// Small charts in SVG: band before line, target as a thin dashed rule (a mark stands upright),
// bars for months, labels beside the lines.
const TONES = {
  prohibited: "#4d535b", route: "#6f4aa0", limited: "#b45309", approval: "#8a6d00", clear: "#1f4e79",
  unknown: "#5b6470", unbuildable: "#7a5c48", pv: "#b97900", wind: "#0f766e", storage: "#12355b",
  hydro: "#2b7fb0", forest: "#2f6b3a", neutral: "#5b6470", warn: "#b45309",
};
const toneColour = (tone) => TONES[tone] || TONES.neutral;

function ticks(low, high, wanted) {
  const raw = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
  const out = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return { values: out, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0)) };
}

// At most three lines, broken before a bracket or at a space, inside a word only if it must.
function wrapLabel(text, room) {
  const lines = [""];
  for (const word of text.split(/(?=[（(])|(?<= )/)) {
    if (lines.at(-1) && textWidth(lines.at(-1) + word.trimEnd(), 11) > room) lines.push("");
    for (const letter of word) {
      if (lines.at(-1) && textWidth(lines.at(-1) + letter, 11) > room && !/[）)，。% ]/.test(letter)) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  return lines.map((line) => line.trim()).filter(Boolean).slice(0, 3);
}

function drawChart(chart, width) {
  const figure = el("figure", "at-chart");
  if (chart.title) figure.appendChild(el("figcaption", "at-title", chart.title));
  if (chart.subtitle) figure.appendChild(el("p", "at-small", chart.subtitle));
  const series = chart.series.filter((one) => one.kind === "rule" ? one.y && one.y.length : one.x && one.x.length);
  const named = series.filter((one) => one.label && !["rule", "mark", "bars"].includes(one.kind));
  const gutter = named.length ? Math.min(92, Math.max(...named.map((one) => textWidth(one.label, 11))) + 10) : 8;
  const height = 178, top = chart.unit ? 20 : 8, bottom = height - 20;
  const ys = ticks(chart.y[0], chart.y[1], 4), xs = chart.marks ? { values: chart.marks.map((one) => one[0]) } : ticks(chart.x[0], chart.x[1], 4);
  const written = new Map(chart.marks || []); // names under the axis instead of figures
  const years = chart.x[0] > 1800 && chart.x[1] < 2300;
  const text = (v, t) => v.toLocaleString("en-US", { minimumFractionDigits: t.digits, maximumFractionDigits: t.digits, useGrouping: t !== xs || !years });
  const left = Math.max(...ys.values.map((v) => textWidth(text(v, ys), 11)), 8) + 8, right = width - gutter;
  const X = (v) => left + ((v - chart.x[0]) / (chart.x[1] - chart.x[0] || 1)) * (right - left);
  const Y = (v) => bottom - ((v - chart.y[0]) / (chart.y[1] - chart.y[0] || 1)) * (bottom - top);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "at-svg" });
  picture.appendChild(svg("title", {}, [chart.title, chart.subtitle, chart.unit].filter(Boolean).join(" · ")));
  if (chart.unit) picture.appendChild(svg("text", { x: 0, y: 11, class: "at-axis" }, chart.unit));
  for (const v of ys.values) {
    picture.appendChild(svg("line", { x1: left, x2: right, y1: Y(v), y2: Y(v), class: "at-grid" }));
    picture.appendChild(svg("text", { x: left - 5, y: Y(v) + 4, class: "at-axis", "text-anchor": "end" }, text(v, ys)));
  }
  for (const v of xs.values) {
    if (X(v) < left - 1 || X(v) > right + 1) continue;
    picture.appendChild(svg("line", { x1: X(v), x2: X(v), y1: bottom, y2: bottom + 3, class: "at-tick" }));
    picture.appendChild(svg("text", { x: X(v), y: bottom + 15, class: "at-axis", "text-anchor": "middle" }, written.get(v) || text(v, xs)));
  }
  const rank = { band: 0, bars: 1, rule: 1, mark: 1, line: 2, dashed: 2, points: 3 };
  for (const one of [...series].sort((a, b) => rank[a.kind] - rank[b.kind])) {
    if (one.kind === "mark") drawMark(picture, one, X, left, right, top, bottom);
    else drawSeries(picture, one, X, Y, left, right, bottom);
  }
  sideLabels(picture, named, X, Y, right, gutter, top, bottom);
  ruleLabels(picture, series.filter((one) => one.kind === "rule"), series, X, Y, left, right, top);
  figure.appendChild(picture);
  return figure;
}

// An upright rule with its name at the top, on the side that has room.
function drawMark(picture, one, X, left, right, top, bottom) {
  const colour = toneColour(one.tone), x = X(one.x[0]), room = x + textWidth(one.label, 11) + 6 < right;
  if (x < left || x > right) return;
  picture.appendChild(svg("line", { x1: x, x2: x, y1: top - 4, y2: bottom, stroke: colour, "stroke-width": 1.2, "stroke-dasharray": "5 4" }));
  picture.appendChild(svg("text", { x: room ? x + 4 : x - 4, y: top + 5, class: "at-direct", "text-anchor": room ? "start" : "end", fill: colour }, one.label));
}

function drawBars(picture, one, X, Y, bottom, colour) {
  const wide = Math.max(0.72 * Math.min(...one.x.slice(1).map((x, i) => X(x) - X(one.x[i])), 40), 2);
  one.x.forEach((x, i) => {
    if (x === null || one.y[i] === null) return;
    picture.appendChild(svg("rect", { x: X(x) - wide / 2, y: Y(one.y[i]), width: wide, height: Math.max(bottom - Y(one.y[i]), 0), fill: colour, "fill-opacity": 0.85 }));
  });
}

function drawSeries(picture, one, X, Y, left, right, bottom) {
  const colour = toneColour(one.tone);
  const ok = (i) => one.x[i] !== null && one.y[i] !== null;
  if (one.kind === "bars") drawBars(picture, one, X, Y, bottom, colour);
  else if (one.kind === "rule") {
    picture.appendChild(svg("line", { x1: left, x2: right, y1: Y(one.y[0]), y2: Y(one.y[0]), stroke: colour, "stroke-width": 1.2, "stroke-dasharray": "5 4" }));
  } else if (one.kind === "band") {
    const upper = [], lower = [];
    one.x.forEach((x, i) => { if (ok(i) && one.y2[i] !== null) { upper.push(`${X(x).toFixed(1)} ${Y(one.y2[i]).toFixed(1)}`); lower.unshift(`${X(x).toFixed(1)} ${Y(one.y[i]).toFixed(1)}`); } });
    if (upper.length) picture.appendChild(svg("path", { d: `M${[...upper, ...lower].join("L")}Z`, fill: colour, "fill-opacity": 0.18 }));
  } else if (one.kind === "points") {
    one.x.forEach((x, i) => { if (ok(i)) picture.appendChild(svg("circle", { cx: X(x), cy: Y(one.y[i]), r: 3.2, fill: "#ffffff", stroke: colour, "stroke-width": 1.8 })); });
  } else {
    let d = "", pen = false;
    one.x.forEach((x, i) => { if (!ok(i)) { pen = false; return; } d += `${pen ? "L" : "M"}${X(x).toFixed(1)} ${Y(one.y[i]).toFixed(1)}`; pen = true; });
    picture.appendChild(svg("path", { d, fill: "none", stroke: colour, "stroke-width": 2, "stroke-linejoin": "round", "stroke-dasharray": one.kind === "dashed" ? "5 4" : "none" }));
  }
}

// Labels right of the last value, pushed apart until none touches the next.
function sideLabels(picture, named, X, Y, right, gutter, top, bottom) {
  const items = named.map((one) => {
    let last = one.x.length - 1;
    while (last > 0 && (one.y[last] === null || one.y[last] === undefined)) last--;
    const y = one.kind === "band" ? (one.y[last] + one.y2[last]) / 2 : one.y[last];
    const lines = wrapLabel(one.label, gutter - 6);
    return { one, lines, y: Y(y), half: lines.length * 6.5 };
  }).sort((a, b) => a.y - b.y);
  for (let round = 0; round < 60; round++) {
    let moved = false;
    for (let i = 1; i < items.length; i++) {
      const overlap = items[i - 1].y + items[i - 1].half - (items[i].y - items[i].half);
      if (overlap > 0.2) { items[i - 1].y -= overlap / 2; items[i].y += overlap / 2; moved = true; }
    }
    for (const item of items) item.y = Math.min(Math.max(item.y, top + item.half - 6), bottom - item.half + 6);
    if (!moved) break;
  }
  for (const { one, lines, y } of items) {
    lines.forEach((line, i) => picture.appendChild(svg("text", {
      x: right + 5, y: y + 4 + (i - (lines.length - 1) / 2) * 13, class: "at-direct", fill: toneColour(one.tone),
    }, line)));
  }
}

// A rule's name stands on it at the end where fewer points of the lines are near.
function ruleLabels(picture, rules, series, X, Y, left, right, top) {
  const placed = [];
  for (const rule of rules) {
    if (!rule.label) continue;
    const w = textWidth(rule.label, 11);
    const options = [];
    for (const [x, anchor] of [[left + 4, "start"], [right - 3, "end"]]) {
      for (const dy of [-4, 13]) {
        const x0 = anchor === "start" ? x : x - w, y = Y(rule.y[0]) + dy;
        const box = [x0, y - 11, x0 + w, y + 3];
        let cost = y - 11 < top - 8 ? 50 : dy > 0 ? 1 : 0;
        for (const one of series) {
          if (one.kind === "mark") continue;
          if (one.kind === "rule") { if (one !== rule && Y(one.y[0]) > box[1] && Y(one.y[0]) < box[3]) cost += 6; continue; }
          one.x.forEach((v, i) => { if (one.kind !== "band" && one.y[i] !== null && X(v) > box[0] - 4 && X(v) < box[2] + 4 && Y(one.y[i]) > box[1] - 3 && Y(one.y[i]) < box[3] + 3) cost += 1.5; });
        }
        if (placed.some((other) => hits(box, other))) cost += 100;
        options.push({ cost, x, anchor, y, box });
      }
    }
    options.sort((a, b) => a.cost - b.cost);
    const best = options[0];
    placed.push(best.box);
    picture.appendChild(svg("text", { x: best.x, y: best.y, class: "at-direct", "text-anchor": best.anchor, fill: toneColour(rule.tone) }, rule.label));
  }
}

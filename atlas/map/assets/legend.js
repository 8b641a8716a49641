// The legend in one line: classes of the view, red line, sites, marks, size of a cell.
function swatchBox(swatch, print) {
  const { rgb, alpha, lines } = (print ? printed : onScreen)(swatch);
  const box = el("span", `at-swatch${lines ? " at-hatch" : ""}${swatch.synthetic && !lines ? " at-diagonal" : ""}`);
  // over white paper the swatch shows the colour as it is mixed on the map
  if (lines) box.style.color = `rgb(${rgb.join(",")})`;
  else box.style.backgroundColor = `rgb(${rgb.map((v) => Math.round(255 - (255 - v) * alpha)).join(",")})`;
  return box;
}

function legendEntry(label, picture) {
  const entry = put(el("span", "at-entry"), picture, el("span", "", label));
  entry.setAttribute("role", "listitem");
  return entry;
}

const Legend = {
  drawLegend() {
    const legend = empty(byId("at-legend"));
    const print = root.classList.contains("at-printing");
    if (this.view) {
      // classes without a cell are left out, unknown ground is always explained
      const used = new Set(this.view.classes);
      this.view.swatches.forEach((swatch, i) => {
        if (used.has(i) || swatch.hatch) legend.appendChild(legendEntry(swatch.label, swatchBox(swatch, print)));
      });
    }
    // before anything that a narrow window may cut off
    if (this.doc.meta.synthetic) legend.appendChild(legendEntry(words.synthetic, el("span", "at-swatch at-diagonal at-grey")));
    const shown = this.shownVectors();
    for (const vector of this.doc.vectors) {
      if (vector.role !== "redline" || !shown.includes(vector) || !vector.features.length) continue;
      const line = el("span", "at-line");
      line.style.borderTopColor = vector.colour;
      legend.appendChild(legendEntry(vector.title, line));
    }
    for (const vector of this.doc.vectors) { // close up only: the legend names them from the start
      const kind = { line: "at-dashline", turbine: "at-dotmark" }[vector.role];
      if (!kind || !vector.features.length || !vector.tabs.some((tab) => this.view && tab === `${this.tab.id}/${this.view.of || this.view.id}`)) continue;
      const mark = el("span", kind);
      mark.style[vector.role === "line" ? "borderTopColor" : "backgroundColor"] = vector.colour;
      legend.appendChild(legendEntry(`${vector.title}${shown.includes(vector) ? "" : words.closer}`, mark));
    }
    worksLegend(this, legend);
    const sites = shown.filter((vector) => vector.role === "site" && vector.features.length);
    if (sites.length) {
      const ramp = el("span", "at-ramp");
      for (const colour of RAMP) { const step = el("span"); step.style.background = colour; ramp.appendChild(step); }
      const blocked = sites.some((vector) => vector.features.some((feature) => feature.blocked));
      legend.appendChild(legendEntry(`${this.view ? words.sites : words.sitesAlone}${blocked ? `，${words.blocked}` : ""}`, ramp));
    }
    if (shown.some((vector) => vector.role === "named" && vector.features.some((feature) => feature.approx))) {
      legend.appendChild(legendEntry(words.approx, el("span", "at-ring")));
    }
    if (this.view) {
      const grid = this.rasters[this.view.raster].grid;
      const ground = Math.round(grid.size * Math.cos((this.region.getCenter().lat * Math.PI) / 180));
      const entry = legendEntry(words.raster(ground, sites.length > 0));
      entry.title = words.rasterLong(ground, Math.round(grid.ground));
      legend.appendChild(entry);
    }
  },
};

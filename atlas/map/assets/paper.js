// Printing: A4 landscape, the whole region, whole lines only.
const PRINTED = ".at-group > summary, .at-rule, .at-under, .at-block li, .at-item, tr, .at-note, .at-stat, .at-chart, .at-block > .at-small, .at-title";

// Inside a closed group: not on the sheet, whatever box the browser keeps for it.
function folded(node) {
  for (let box = node.parentElement.closest("details"); box; box = box.parentElement.closest("details")) {
    if (!box.open && !box.querySelector("summary").contains(node)) return true;
  }
  return false;
}

const Paper = {
  // Lines that do not fit the sheet are left out whole, and that is said.
  cut() {
    const body = byId("at-body"), limit = body.getBoundingClientRect().bottom - 26;
    let cut = false;
    for (const node of body.querySelectorAll(PRINTED)) {
      if (folded(node)) continue;
      if (!cut && node.getBoundingClientRect().bottom > limit) cut = true;
      if (cut) node.classList.add("at-cut");
    }
    if (cut) body.appendChild(el("p", "at-small at-rest", words.rest));
  },

  // On paper: fixed page, colours that a grey printer keeps apart, the whole region.
  printing(on) {
    const body = byId("at-body");
    if (on) this.before = { center: this.map.getCenter(), zoom: this.map.getZoom(), top: body.scrollTop };
    root.classList.toggle("at-printing", on);
    if (on) {
      body.scrollTop = 0;
      this.cut();
      this.fit();
    } else {
      document.querySelectorAll(".at-cut").forEach((node) => node.classList.remove("at-cut"));
      document.querySelectorAll(".at-rest").forEach((node) => node.remove());
      this.map.invalidateSize({ animate: false });
      this.map.setView(this.before.center, this.before.zoom, { animate: false });
      body.scrollTop = this.before.top;
    }
    if (!this.tab) return;
    this.drawMap();
    this.drawLegend();
    if (on && this.view) this.rasters[this.view.raster].settle();
  },
};

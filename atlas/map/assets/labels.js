// Names on the map: county names and named places, placed so that none covers another.
const FAR_PIN = 0.72; // as in shell.css
const SIDES = [[1, 0], [-1, 0], [0, 1], [0, -1]];

const textWidth = (() => {
  const context = el("canvas").getContext("2d");
  return (text, px, weight) => {
    context.font = `${weight || 400} ${px}px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif`;
    return context.measureText(text).width;
  };
})();

const hits = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

class Labels {
  constructor(app) {
    this.app = app;
    this.layer = L.layerGroup().addTo(app.map);
    app.map.on("zoomend moveend resize", () => this.place());
  }

  // Icons are taken first, then named places choose a side, then counties take what is left.
  place() {
    const { map } = this.app, size = map.getSize();
    this.layer.clearLayers();
    // zoom buttons, scale and position
    const taken = [[0, 0, 60, 150], [0, size.y - 34, size.x > 500 ? 315 : 120, size.y]];
    const wanted = [];
    for (const vector of this.app.shownVectors()) {
      if (vector.role !== "named" && vector.role !== "outline" && vector.role !== "works") continue;
      for (const feature of vector.features) {
        if (vector.role !== "named" && (map.getZoom() < 12 || !feature.label)) continue;
        if (vector.role === "works" && this.app.openSite !== undefined && feature.of !== this.app.openSite) continue;
        const place = feature.place;
        if (!place) continue;
        const p = map.latLngToContainerPoint(place);
        if (p.x < -80 || p.y < -40 || p.x > size.x + 80 || p.y > size.y + 40) continue;
        const r = vector.role === "named" ? (feature.size / 2) * (this.app.far() ? FAR_PIN : 1) : 2;
        if (vector.role === "named") taken.push([p.x - r, p.y - r, p.x + r, p.y + r]);
        if (feature.label) wanted.push({ text: feature.label, p, r: r + 2, place, kind: "at-name" });
      }
    }
    for (const want of wanted) this._put(want, taken, SIDES);
    for (const county of this.app.base.counties) {
      const place = [county.at[1], county.at[0]];
      const p = map.latLngToContainerPoint(place);
      if (!county.name || p.x < 0 || p.y < 0 || p.x > size.x || p.y > size.y) continue;
      this._put({ text: county.name, p, r: 0, place, kind: "at-county" }, taken, [[0, 0], [0, 1.6], [0, -1.6], [1, 0], [-1, 0]]);
    }
  }

  _put({ text, p, r, place, kind }, taken, sides) {
    const px = kind === "at-county" ? 14 : 12;
    const w = textWidth(text, px, 600) + 6, h = px + 6;
    for (const [sx, sy] of sides) {
      const x = p.x + sx * (r + w / 2), y = p.y + sy * (r + h / 2);
      const box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
      const { x: wide, y: tall } = this.app.map.getSize();
      if (box[0] < 2 || box[1] < 2 || box[2] > wide - 2 || box[3] > tall - 2) continue;
      if (taken.some((other) => hits(box, other))) continue;
      taken.push(box);
      const node = el("span", kind, text);
      const icon = L.divIcon({ html: node, className: "at-label", iconSize: [w, h], iconAnchor: [p.x - box[0], p.y - box[1]] });
      L.marker(place, { pane: "at-names", icon, interactive: false, keyboard: false }).addTo(this.layer);
      return;
    }
  }
}

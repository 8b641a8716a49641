// Class raster: one viewport canvas that samples the pattern index for each screen pixel.
const CIRCUMFERENCE = 2 * Math.PI * 6378137;
const OUTSIDE = 65535;
const HATCH = 8; // device pixels
const FADE = 0.3; // behind sites, of what is not usable
const USABLE = 0.8; // opacity from which a class counts as the answer
const HEAVY = 2; // weight of the answer's own colour far out, behind sites

const toMercator = (lat, lon) => [
  (lon / 360) * CIRCUMFERENCE,
  (Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) * CIRCUMFERENCE) / (2 * Math.PI),
];

function rgbOf(colour) {
  const value = parseInt(/^#[0-9a-f]{6}$/i.test(colour) ? colour.slice(1) : "888888", 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

// On paper, grey order must tell the classes apart: the answer very dark, approval mid,
// what needs another plan mid and hatched, what is faint on the screen nearly white.
function printed(swatch) {
  const rgb = rgbOf(swatch.colour), [r, g, b] = rgb;
  const shade = (factor) => rgb.map((v) => Math.round(v * factor));
  if (swatch.hatch) return { rgb: [120, 120, 120], alpha: 0.55, lines: true };
  if (Math.max(r, g, b) - Math.min(r, g, b) < 40) return { rgb, alpha: Math.min(swatch.opacity, 0.14) };
  if (r > g && b > g) return { rgb, alpha: 0.75, lines: true };
  if (0.3 * r + 0.59 * g + 0.11 * b > 200) return { rgb: shade(0.74), alpha: swatch.opacity };
  return { rgb: shade(swatch.opacity > 0.8 ? 0.4 : 0.75), alpha: swatch.opacity };
}

const onScreen = (swatch) => ({ rgb: rgbOf(swatch.colour), alpha: swatch.hatch ? Math.max(swatch.opacity, 0.5) : swatch.opacity, lines: swatch.hatch });

// Two colour tables, a pixel takes one or the other by its place on the screen: hatching.
function colourTables(view, forPrint, behindSites) {
  const plain = new Uint32Array(65536), second = new Uint32Array(65536);
  const packed = (rgb, alpha) =>
    ((Math.round(alpha * 255) << 24) | (rgb[2] << 16) | (rgb[1] << 8) | rgb[0]) >>> 0;
  const looks = view.swatches.map(forPrint ? printed : onScreen);
  // behind site markers the rest steps back, usable land stays the strongest thing
  const heavy = new Uint8Array(65536).fill(1);
  if (behindSites) {
    for (const look of looks) if (look.lines || look.alpha < USABLE) look.alpha *= FADE;
    const top = Math.max(...looks.map((look) => (look.lines ? 0 : look.alpha)));
    view.classes.forEach((c, pattern) => { if (looks[c] && looks[c].alpha === top && top >= USABLE) heavy[pattern] = HEAVY; });
  }
  const colours = looks.map(({ rgb, alpha, lines }) => [packed(rgb, alpha), packed(lines ? [255, 255, 255] : rgb, alpha)]);
  view.classes.forEach((c, pattern) => {
    plain[pattern] = colours[c] ? colours[c][0] : 0;
    second[pattern] = colours[c] ? colours[c][1] : 0;
  });
  return { plain, second, heavy, hatched: looks.some((look) => look.lines) };
}

const RasterLayer = L.Layer.extend({
  initialize(grid, index) {
    this.grid = grid;
    this.index = index;
    this.tables = null;
  },
  onAdd() {
    const canvas = (this._canvas = el("canvas", "at-raster leaflet-zoom-animated"));
    canvas.setAttribute("aria-hidden", "true");
    this.getPane().appendChild(canvas);
    this._context = canvas.getContext("2d");
    this.paint();
  },
  onRemove() {
    clearTimeout(this._timer);
    this._canvas.remove();
  },
  getEvents() {
    const events = { move: this.paint, moveend: this.paint, resize: this.paint, viewreset: this.paint };
    if (this._zoomAnimated) events.zoomanim = this._animate;
    return events;
  },
  show(tables) {
    this.tables = tables;
    this.paint();
  },
  // Pattern under a place, or -1 outside.
  at(lat, lon) {
    const [x, y] = toMercator(lat, lon);
    const col = Math.floor((x - this.grid.west) / this.grid.size);
    const row = Math.floor((this.grid.north - y) / this.grid.size);
    if (row < 0 || col < 0 || row >= this.grid.rows || col >= this.grid.cols) return -1;
    const pattern = this.index[row * this.grid.cols + col];
    return pattern === OUTSIDE ? -1 : pattern;
  },
  paint() {
    if (!this.tables || !this._canvas) return;
    this._paint(false);
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._paint(true), 140);
  },
  // Paint the boxes' means at once, e.g. before printing.
  settle() {
    clearTimeout(this._timer);
    this._paint(true);
  },
  _frame() {
    const map = this._map, size = map.getSize();
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const pad = size.multiplyBy(0.1).round();
    const corner = map.containerPointToLayerPoint(L.point(-pad.x, -pad.y)).round();
    const width = Math.ceil((size.x + 2 * pad.x) * ratio), height = Math.ceil((size.y + 2 * pad.y) * ratio);
    const canvas = this._canvas;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width / ratio}px`;
      canvas.style.height = `${height / ratio}px`;
      this._image = this._context.createImageData(width, height);
      this._pixels = new Uint32Array(this._image.data.buffer);
    }
    L.DomUtil.setPosition(canvas, corner);
    const scale = map.options.crs.scale(map.getZoom());
    const world = corner.add(map.getPixelOrigin());
    this._zoom = map.getZoom();
    this._corner = map.layerPointToLatLng(corner);
    const step = CIRCUMFERENCE / scale / ratio / this.grid.size; // cells per device pixel
    return {
      width, height, step, ratio, corner,
      col: ((world.x / scale - 0.5) * CIRCUMFERENCE - this.grid.west) / this.grid.size,
      row: (this.grid.north - (0.5 - world.y / scale) * CIRCUMFERENCE) / this.grid.size,
    };
  },
  _paint(fine) {
    if (!this._map) return;
    const frame = this._frame();
    if (fine && frame.step > 1.5) this._means(frame);
    else this._nearest(frame);
    this._context.putImageData(this._image, 0, 0);
  },
  _nearest({ width, height, step, ratio, corner, col, row }) {
    const { rows, cols } = this.grid, index = this.index, out = this._pixels;
    const { plain, second, hatched } = this.tables;
    const columns = new Int32Array(width);
    for (let x = 0; x < width; x++) {
      const c = Math.floor(col + (x + 0.5) * step);
      columns[x] = c >= 0 && c < cols ? c : -1;
    }
    const phase = Math.round((corner.x + corner.y) * ratio);
    let at = 0;
    for (let y = 0; y < height; y++) {
      const r = Math.floor(row + (y + 0.5) * step);
      if (r < 0 || r >= rows) { out.fill(0, at, at + width); at += width; continue; }
      const base = r * cols;
      for (let x = 0; x < width; x++, at++) {
        const c = columns[x];
        if (c < 0) { out[at] = 0; continue; }
        const table = hatched && ((x + y + phase) & (HATCH - 1)) < 3 ? second : plain;
        out[at] = table[index[base + c]];
      }
    }
  },
  // A pixel that covers several cells shows the mean of their colours: shares, no sparkle.
  // Behind sites the answer's own colour weighs more, or thin usable land would vanish far out.
  _means({ width, height, step, ratio, corner, col, row }) {
    const { rows, cols } = this.grid, index = this.index, out = this._pixels;
    const { plain, second, heavy, hatched } = this.tables;
    const edges = new Int32Array(width + 1);
    for (let x = 0; x <= width; x++) edges[x] = Math.min(Math.max(Math.floor(col + x * step), 0), cols);
    const phase = Math.round((corner.x + corner.y) * ratio);
    let at = 0;
    for (let y = 0; y < height; y++) {
      const r0 = Math.min(Math.max(Math.floor(row + y * step), 0), rows);
      const r1 = Math.min(Math.max(Math.floor(row + (y + 1) * step), 0), rows);
      if (r1 <= r0) { out.fill(0, at, at + width); at += width; continue; }
      for (let x = 0; x < width; x++, at++) {
        const c0 = edges[x], c1 = edges[x + 1];
        if (c1 <= c0) { out[at] = 0; continue; }
        const table = hatched && ((x + y + phase) & (HATCH - 1)) < 3 ? second : plain;
        let a = 0, b = 0, g = 0, red = 0;
        for (let r = r0; r < r1; r++) {
          for (let c = r * cols + c0, end = r * cols + c1; c < end; c++) {
            const v = table[index[c]], alpha = (v >>> 24) * heavy[index[c]];
            a += alpha;
            b += alpha * ((v >>> 16) & 255);
            g += alpha * ((v >>> 8) & 255);
            red += alpha * (v & 255);
          }
        }
        const n = (r1 - r0) * (c1 - c0);
        out[at] = a ? ((Math.min(Math.round(a / n), 255) << 24) | (Math.round(b / a) << 16) | (Math.round(g / a) << 8) | Math.round(red / a)) >>> 0 : 0;
      }
    }
  },
  _animate(event) {
    const scale = this._map.getZoomScale(event.zoom, this._zoom);
    const offset = this._map._latLngToNewLayerPoint(this._corner, event.zoom, event.center);
    L.DomUtil.setTransform(this._canvas, offset, scale);
  },
});

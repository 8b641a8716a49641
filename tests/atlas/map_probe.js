// Read by test_map_browser.py: what is painted, and what is clipped.
({
  // n pseudo-random screen places: [lat, lng, r, g, b, a] of the raster canvas
  async sample(n) {
    const { map, rasters } = AtlasShell.app;
    const raster = rasters[0], canvas = raster._canvas;
    clearTimeout(raster._timer);
    raster._paint(false);
    const size = map.getSize(), ratio = canvas.width / parseFloat(canvas.style.width);
    const corner = L.DomUtil.getPosition(canvas);
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const out = [];
    for (let i = 0; i < n; i++) {
      const x = (i * 7919) % Math.floor(size.x), y = (i * 104729) % Math.floor(size.y);
      const layer = map.containerPointToLayerPoint([x + 0.5, y + 0.5]);
      const at = map.layerPointToLatLng(layer);
      const px = Math.floor((layer.x - corner.x) * ratio);
      const py = Math.floor((layer.y - corner.y) * ratio);
      const first = 4 * (py * canvas.width + px);
      out.push([at.lat, at.lng, ...data.slice(first, first + 4)]);
    }
    return out;
  },

  places: (points) => points.map(([x, y]) => {
    const at = AtlasShell.app.map.containerPointToLatLng([x + 0.5, y + 0.5]);
    return [at.lng, at.lat];
  }),

  layout() {
    const box = (node) => {
      const r = node.getBoundingClientRect();
      return [r.left, r.top, r.right, r.bottom];
    };
    const shown = (node) => node && !node.hidden && node.getClientRects().length > 0;
    const all = (query) => [...document.querySelectorAll(query)].filter(shown);
    const areas = {};
    for (const id of ["at-head", "at-panel", "map_atlas", "at-foot"]) areas[id] = box(document.getElementById(id));
    const watched = "button, .at-badge, .at-pill, .at-stat, th, td, #at-sentence, .at-county, .at-name";
    const clipped = all(watched).filter((node) => getComputedStyle(node).display !== "inline"
      && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 2));
    const card = document.getElementById("at-card");
    return {
      areas,
      clipped: clipped.map((node) => node.id || node.className || node.tagName),
      rows: all(".at-row, .at-tab, .at-segment").map((node) => node.getBoundingClientRect().height),
      names: all(".at-county, .at-name").map(box),
      wide: document.documentElement.scrollWidth,
      tall: document.documentElement.scrollHeight,
      card: shown(card) ? box(card) : null,
    };
  },
})

// Structures of a storage plant: lakes, dams as thick lines, tunnel dashed with its head on it,
// powerhouse, road and line. A click on any of them opens the card of its site.
const WORKS = {
  upper_lake: { fill: "#2a6fb5", edge: "#0b3a6e", weight: 1.2 },
  lower_lake: { fill: "#4c97d2", edge: "#0b3a6e", weight: 1.2 },
  existing_lake: { fill: "#6aa6d3", edge: "#0b3a6e", weight: 1.4, dash: "5 4" },
  dam: { fill: "#6d4a36", edge: "#2b1a10", weight: 2.6 },
  tunnel: { edge: "#b3261e", weight: 2.2, dash: "7 5" },
  road: { edge: "#6b4a1f", weight: 1.5 },
  line: { edge: "#5a3d8a", weight: 1.5 },
};
// Structures of other sites while a card is open.
const FADED = 0.35;
const WORKS_ORDER = ["line", "road", "existing_lake", "lower_lake", "upper_lake", "tunnel", "dam"];

function powerhouseIcon() {
  const shape = svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  shape.appendChild(svg("rect", { x: 1, y: 1, width: 14, height: 14, rx: 2, fill: "#12355b", stroke: "#ffffff", "stroke-width": 1.5 }));
  shape.appendChild(svg("path", { d: "M9 3.2 L5 8.8 H7.7 L6.9 12.8 L11 7.2 H8.3 Z", fill: "#ffffff" }));
  return shape;
}

function makeWorks(app, vector, group) {
  const order = (feature) => WORKS_ORDER.indexOf(feature.icon);
  for (const feature of [...vector.features].sort((a, b) => order(a) - order(b))) {
    const open = () => { const known = app.places.get(feature.of); if (known) app.openFeature(known.feature, known.vector); };
    const extend = (bounds) => { // road and line may run far off: the site is its lakes and tunnel
      if (!app.extents.has(feature.of)) app.extents.set(feature.of, L.latLngBounds([]));
      app.extents.get(feature.of).extend(bounds);
    };
    const fades = (fade) => { if (!app.works.has(feature.of)) app.works.set(feature.of, []); app.works.get(feature.of).push(fade); };
    if (feature.g[0] === "P") {
      const mark = L.marker(pointOf(feature.g), { pane: "at-sites", keyboard: false, icon: L.divIcon({ html: powerhouseIcon(), className: "at-works", iconSize: [16, 16] }) })
        .on("click", open).addTo(group);
      fades((back) => mark.setOpacity(back ? FADED : 1));
      continue;
    }
    const style = WORKS[feature.icon] || WORKS.road, thin = feature.icon === "road" || feature.icon === "line";
    // road and line run far: they show for the open card alone
    if (thin && !app.access.has(feature.of)) app.access.set(feature.of, L.layerGroup());
    const target = thin ? app.access.get(feature.of) : group;
    const options = { pane: "at-sites", renderer: app.canvas, color: style.edge, bubblingMouseEvents: false };
    const draw = feature.g[0] === "A" ? L.polygon : L.polyline, shape = ringsOf(feature.g);
    if (feature.g[0] === "L") draw(shape, { ...options, color: "#ffffff", weight: style.weight + 2, opacity: 0.75, interactive: false }).addTo(target);
    const fillOpacity = { existing_lake: 0.35, dam: 1 }[feature.icon] || 0.85;
    const layer = draw(shape, {
      ...options, weight: style.weight, dashArray: style.dash || null, opacity: 1, fill: feature.g[0] === "A",
      fillColor: style.fill || style.edge, fillOpacity,
    }).on("click", open).addTo(target);
    if (!thin && feature.icon !== "existing_lake") extend(layer.getBounds());
    // an existing lake serves many sites: it stays
    if (!thin && feature.icon !== "existing_lake") fades((back) => layer.setStyle({ opacity: back ? FADED : 1, fillOpacity: fillOpacity * (back ? FADED : 1) }));
    // the head is written on the middle of the tunnel
    if (feature.label) feature.place = L.latLng(layer.getBounds().getCenter());
  }
}

// One legend entry a kind that is drawn on this tab.
function worksLegend(app, legend) {
  for (const vector of app.doc.vectors) {
    if (vector.role !== "works" || !vector.features.length || !(app.tab && vector.tabs.includes(app.tab.id))) continue;
    const kinds = new Set(vector.features.map((feature) => feature.icon));
    for (const kind of ["upper_lake", "lower_lake", "existing_lake", "dam", "tunnel", "powerhouse", "road", "line"]) {
      if (!kinds.has(kind)) continue;
      let mark = el("span", "at-swatch");
      if (kind === "powerhouse") mark = powerhouseIcon();
      else if (WORKS[kind].fill) mark.style.background = WORKS[kind].fill;
      else {
        mark = el("span", WORKS[kind].dash ? "at-dashline" : "at-line");
        mark.style.borderTopColor = WORKS[kind].edge;
        if (kind === "dam") mark.style.borderTopWidth = "5px";
      }
      legend.appendChild(legendEntry(words.works[kind], mark));
    }
  }
}

// Everything with a geometry: veil, borders, water, red lines, sites, outlines, named places.
const RAMP = ["#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"]; // YlGnBu
const BEST = 100;
const FROM_ZOOM = { outline: 11, line: 9.5, turbine: 11, works: 10.75 }; // roles that only show close up
const FAR_ZOOM = 9.5;
const REST_ZOOM = 10.75; // from here the sites after the best are drawn
const WATER = "#3f86bd";
const PANES = {
  relief: 150, raster: 250, veil: 270, water: 300, redline: 330, border: 350,
  sites: 420, named: 600, names: 620, mark: 650,
};

function makePanes(map) {
  for (const name in PANES) {
    const pane = map.createPane(`at-${name}`);
    pane.style.zIndex = PANES[name];
    if (name !== "sites" && name !== "named") pane.style.pointerEvents = "none";
  }
}

function addBase(map, base, paper) {
  const [west, south, east, north] = base.relief;
  const back = (x, y) => L.CRS.EPSG3857.unproject(L.point(x, y));
  L.imageOverlay(byId("atlas-relief").textContent.trim(), [back(west, south), back(east, north)],
    { pane: "at-relief", alt: "", className: "at-relief" }).addTo(map);
  const renderer = L.svg({ pane: "at-veil", padding: 0.3 });
  const outline = ringsOf(base.boundary);
  const world = [[-85, -180], [-85, 180], [85, 180], [85, -180]];
  L.polygon([world, ...outline.flat()], {
    pane: "at-veil", renderer, interactive: false, stroke: false, fillColor: paper, fillOpacity: 0.72, fillRule: "evenodd",
  }).addTo(map);
  const water = L.svg({ pane: "at-water", padding: 0.3 });
  for (const geometry of base.water) addWater(map, geometry, water, WATER);
  const border = L.svg({ pane: "at-border", padding: 0.3 });
  for (const county of base.counties) {
    county.areas = county.g[0] === "A" ? ringsOf(county.g) : [];
    L.polygon(county.areas, { pane: "at-border", renderer: border, interactive: false, fill: false, color: "#3a4048", weight: 1.1, opacity: 0.75 }).addTo(map);
  }
  L.polygon(outline, { pane: "at-border", renderer: border, interactive: false, fill: false, color: "#2a2f36", weight: 2.2, opacity: 0.9 }).addTo(map);
}

function addWater(target, geometry, renderer, colour) {
  const options = { pane: "at-water", renderer, interactive: false, color: colour };
  const layer = geometry[0] === "A"
    ? L.polygon(ringsOf(geometry), { ...options, weight: 0.6, opacity: 0.9, fillColor: colour, fillOpacity: 0.85 })
    : L.polyline(ringsOf(geometry), { ...options, className: "at-river", weight: 1.3, opacity: 0.8 });
  layer.addTo(target);
}

// One Leaflet group per vector view; the shell adds and removes the groups with the tabs.
function makeVector(app, vector) {
  const group = L.layerGroup();
  vector.group = group;
  const makers = { site: makeSites, named: makeNamed, outline: makeOutlines, line: makeCables, turbine: makeTurbines, works: makeWorks };
  (makers[vector.role] || makeLines)(app, vector, group);
  return vector;
}

function makeLines(app, vector, group) {
  const pane = vector.role === "redline" ? "at-redline" : vector.role === "boundary" ? "at-border" : "at-water";
  const renderer = app.renderers[pane] || (app.renderers[pane] = L.svg({ pane, padding: 0.3 }));
  for (const feature of vector.features) {
    if (feature.g[0] === "P") continue;
    if (vector.role === "water" || vector.role === "river") { addWater(group, feature.g, renderer, vector.colour); continue; }
    const options = { pane, renderer, interactive: false, fill: false, color: vector.colour, weight: 1.1, opacity: 0.8 };
    (feature.g[0] === "A" ? L.polygon : L.polyline)(ringsOf(feature.g), options).addTo(group);
  }
}

// Connection lines of the best sites: planned, so thin and dashed, under the sites.
function makeCables(app, vector, group) {
  const renderer = app.renderers["at-border"] || (app.renderers["at-border"] = L.svg({ pane: "at-border", padding: 0.3 }));
  for (const feature of vector.features) {
    if (feature.g[0] !== "L") continue;
    for (const [color, weight, dashArray] of [["#ffffff", 3.6, null], [vector.colour, 1.7, "6 4"]]) {
      L.polyline(ringsOf(feature.g), { pane: "at-border", renderer, interactive: false, color, weight, opacity: color === "#ffffff" ? 0.7 : 1, dashArray }).addTo(group);
    }
  }
}

function makeTurbines(app, vector, group) {
  for (const feature of vector.features) {
    L.circleMarker(pointOf(feature.g), {
      pane: "at-sites", renderer: app.canvas, radius: 2.6, stroke: true, color: "#ffffff", weight: 0.8,
      fillColor: vector.colour, fillOpacity: 1, interactive: false,
    }).addTo(group);
  }
}

const isBest = (feature) => !feature.blocked && feature.rank !== undefined && feature.rank <= BEST;

function siteRadius(feature, zoom) {
  const grow = Math.max(0, Math.min(zoom - 9, 4)) * 0.7;
  const far = zoom < FAR_ZOOM ? 0.76 : 1;
  if (feature.drawn && zoom >= FROM_ZOOM.works) return 3.4; // its lakes stand there now
  if (feature.blocked) return far * 1.8 + grow * 0.5;
  return far * (isBest(feature) ? [4.2, 6, 8.2][Math.min(Math.max(feature.size || 1, 1), 3) - 1] + grow : 2.1 + grow);
}

function makeSites(app, vector, group) {
  const rest = (vector.rest = L.layerGroup());
  // blocked first, then the rest, then the best with the very best on top
  const order = [...vector.features].sort((a, b) => layerOf(a) - layerOf(b) || (b.rank || 1e9) - (a.rank || 1e9));
  function layerOf(feature) { return feature.blocked ? 0 : isBest(feature) ? 2 : 1; }
  for (const feature of order) {
    const colour = feature.blocked ? "#6b7280" : RAMP[Math.min(Math.max(feature.class || 0, 0), 6)];
    const best = isBest(feature);
    const layer = L.circleMarker(pointOf(feature.g), {
      pane: "at-sites", renderer: app.canvas, radius: siteRadius(feature, app.map.getZoom()),
      stroke: best, color: "#ffffff", weight: 1.4, opacity: 1,
      fillColor: colour, fillOpacity: feature.blocked ? 0.22 : best ? 1 : 0.85, bubblingMouseEvents: false,
    });
    layer.on("click", () => app.openFeature(feature, vector));
    layer.feature = feature;
    layer.addTo(best || feature.blocked ? group : rest);
    app.register(feature, vector, pointOf(feature.g));
  }
}

// Far out the best sites and usable land are the answer; the rest come with the zoom.
function showRest(app, vector, shown) {
  if (!vector.rest) return;
  const few = !vector.features.some(isBest);
  if (shown && (few || app.map.getZoom() >= REST_ZOOM)) vector.rest.addTo(app.map);
  else vector.rest.remove();
}

function makeOutlines(app, vector, group) {
  for (const feature of vector.features) {
    if (feature.g[0] === "P") continue;
    const line = feature.g[0] === "L";
    const style = line
      ? { weight: feature.icon === "dam" ? 5 : 2.2, dashArray: feature.icon === "tunnel" ? "6 5" : null, fill: false }
      : { weight: 1.6, fill: true, fillColor: vector.colour, fillOpacity: 0.16 };
    const layer = (line ? L.polyline : L.polygon)(ringsOf(feature.g), {
      pane: "at-sites", renderer: app.canvas, color: vector.colour, opacity: 0.95, bubblingMouseEvents: false, ...style,
    });
    if (feature.card !== undefined) layer.on("click", () => app.openFeature(feature, vector));
    layer.addTo(group);
    app.register(feature, vector, layer.getBounds().isValid() ? layer.getBounds().getCenter() : null);
  }
}

const GLYPHS = {
  pumped: ["M7.5 9.2 L11 5.6 L14.5 9.2", "M11 5.6 V12.2", "M5.6 15.2 q1.8 -1.8 3.6 0 t3.6 0 t3.6 0"],
  hydro: ["M11 4.8 C8.6 8.2 7.2 10.2 7.2 12.4 a3.8 3.8 0 0 0 7.6 0 C14.8 10.2 13.4 8.2 11 4.8 Z"],
  wind: ["M11 11 V17", "M11 11 L11 5", "M11 11 L16 13.6", "M11 11 L6 13.6"],
  pv: ["M6 7 H16 L17 15 H5 Z", "M5.6 11 H16.4", "M11 7 V15"],
  forest: ["M11 4.6 L15.4 11.4 H6.6 Z", "M11 8.4 L16 15 H6 Z", "M11 15 V17.6"],
  station: ["M12 4.8 L7.6 11.8 H11 L10 17.2 L14.6 10 H11.2 Z"],
};

function iconOf(kind, colour, approx) {
  const size = approx ? 30 : 22;
  const shape = svg("svg", { viewBox: approx ? "-4 -4 30 30" : "0 0 22 22", width: size, height: size, "aria-hidden": "true" });
  if (approx) shape.appendChild(svg("circle", { cx: 11, cy: 11, r: 13, fill: "rgba(255,255,255,.55)", stroke: colour, "stroke-width": 1.4, "stroke-dasharray": "3.2 2.8" }));
  shape.appendChild(svg("circle", { cx: 11, cy: 11, r: 10, fill: colour, stroke: "#ffffff", "stroke-width": 1.8 }));
  const glyph = svg("g", { fill: "none", stroke: "#ffffff", "stroke-width": 1.7, "stroke-linecap": "round", "stroke-linejoin": "round" });
  for (const d of GLYPHS[kind] || ["M11 7.4 a3.6 3.6 0 1 0 .01 0"]) glyph.appendChild(svg("path", { d }));
  shape.appendChild(glyph);
  return { shape, size };
}

function makeNamed(app, vector, group) {
  for (const feature of vector.features) {
    const { shape, size } = iconOf(feature.icon, vector.colour, feature.approx);
    const holder = put(el("span", "at-pin"), shape);
    const marker = L.marker(pointOf(feature.g), {
      pane: "at-named", keyboard: true, title: feature.label || vector.title, alt: feature.label || vector.title, riseOnHover: true,
      icon: L.divIcon({ html: holder, className: "at-named", iconSize: [size, size], iconAnchor: [size / 2, size / 2] }),
    });
    marker.on("click", () => app.openFeature(feature, vector));
    marker.on("add", () => {
      const node = marker.getElement();
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", feature.label || vector.title);
    });
    marker.on("keydown", (event) => { if (event.originalEvent.key === "Enter") { L.DomEvent.stop(event.originalEvent); app.openFeature(feature, vector); } });
    marker.addTo(group);
    feature.size = size;
    app.register(feature, vector, pointOf(feature.g));
  }
}

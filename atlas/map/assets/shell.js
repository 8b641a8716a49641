// The shell: state, tabs, sentence, legend, clicks, keys, print. It knows no part by name.
const PAPER = "#f3f4f6";
const root = document.documentElement;
const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const narrow = () => window.matchMedia("(max-width: 700px)").matches;

class App {
  constructor(map, doc, rasters) {
    this.map = map;
    this.doc = doc;
    this.base = doc.base;
    this.pool = doc.pool;
    this.rasters = rasters;
    this.views = new Map(doc.views.map((view) => [view.id, view]));
    this.places = new Map();
    this.extents = new Map();
    this.access = new Map();
    this.works = new Map();
    this.renderers = {};
    this.tab = null;
    this.view = null;
    makePanes(map);
    this.canvas = L.canvas({ pane: "at-sites", padding: 0.2, tolerance: 5 });
    this.region = L.latLngBounds([this.base.bounds[1], this.base.bounds[0]], [this.base.bounds[3], this.base.bounds[2]]);
    this.card = new Card(this);
  }

  build() {
    const { map, doc } = this;
    this.words();
    addBase(map, this.base, PAPER);
    doc.vectors.forEach((vector) => makeVector(this, vector));
    this.listen();
    this.labels = new Labels(this);
    this.fit();
    map.setMinZoom(Math.max(map.getZoom() - 1, 1));
    map.setMaxZoom(16);
    map.setMaxBounds(this.region.pad(0.8));
    L.control.zoom({ position: "topleft", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    L.control.scale({ metric: true, imperial: false, maxWidth: 110, position: "bottomleft" }).addTo(map);
    this.homeButton();
    this.buildTabs();
    if (doc.tabs.length) this.openTab(doc.tabs[0].id);
    else this.noTabs();
  }

  words() {
    const { meta } = this.doc;
    byId("at-menu").setAttribute("aria-label", words.menu);
    byId("at-menu").textContent = "☰";
    byId("at-print").textContent = words.print;
    byId("at-print").setAttribute("aria-label", words.print);
    byId("at-notes-button").textContent = words.notes;
    byId("at-tabs").setAttribute("aria-label", words.tabs);
    byId("at-panel").setAttribute("aria-label", words.tabs);
    this.map.getContainer().setAttribute("role", "application");
    this.map.getContainer().setAttribute("aria-label", words.map);
    const badge = el("span", "at-badge", meta.badge);
    if (meta.synthetic) badge.classList.add("at-synthetic");
    put(byId("at-badges"), badge);
    for (const line of meta.changed) put(byId("at-badges"), el("span", "at-badge at-changed", line));
    // an assumption is said over the whole width, on paper too
    byId("at-assumed").textContent = meta.assumed.join(" · ");
    byId("at-assumed").hidden = !meta.assumed.length;
    this.buildNotes();
    this.where(null);
  }

  // ---- where
  fit() {
    this.map.invalidateSize({ animate: false });
    // the zoom buttons stand at the left
    const left = narrow() || root.classList.contains("at-printing") ? 8 : 52;
    this.map.fitBounds(this.region, { paddingTopLeft: [left, 10], paddingBottomRight: [8, 10], animate: false });
    this.home = { center: this.map.getCenter(), zoom: this.map.getZoom() };
  }

  // The frame changed (a longer sentence, a turned phone): the whole region stays whole.
  resized() {
    const { map, home } = this;
    map.invalidateSize({ animate: false });
    if (root.classList.contains("at-printing") || !home) return;
    if (map.getZoom() === home.zoom && map.getCenter().distanceTo(home.center) < 3000) this.fit();
  }

  homeButton() {
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const box = el("div", "leaflet-bar at-home");
      const button = el("button", "", "⌂");
      button.type = "button";
      button.title = words.home;
      button.setAttribute("aria-label", words.home);
      L.DomEvent.disableClickPropagation(box);
      button.addEventListener("click", () => this.fit());
      return put(box, button);
    };
    control.addTo(this.map);
  }

  where(place) {
    const { meta } = this.doc;
    const text = place ? this.position(place.lat, place.lng) : "";
    byId("at-place").textContent = `${meta.crs} ${text}`;
  }

  countyAt(lat, lon) {
    const found = this.base.counties.find((county) => insideAreas(county.areas, lat, lon));
    return found ? found.name : "";
  }

  register(feature, vector, place) {
    feature.place = place;
    if (feature.id !== undefined && !this.places.has(feature.id)) this.places.set(feature.id, { feature, vector });
  }

  // ---- tabs and views
  buildTabs() {
    const list = empty(byId("at-tabs"));
    this.doc.tabs.forEach((tab) => {
      const button = el("button", "at-tab", tab.title);
      button.type = "button";
      button.id = `at-tab-${this.doc.tabs.indexOf(tab)}`;
      button.setAttribute("role", "tab");
      button.setAttribute("aria-controls", "at-body");
      button.addEventListener("click", () => this.openTab(tab.id));
      tab.button = button;
      list.appendChild(button);
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99 }[event.key];
      if (!step) return;
      event.preventDefault();
      const tabs = this.doc.tabs, n = tabs.length;
      const at = tabs.indexOf(this.tab);
      const next = step === -99 ? 0 : step === 99 ? n - 1 : (at + step + n) % n;
      this.openTab(tabs[next].id);
      tabs[next].button.focus();
    });
  }

  openTab(id) {
    this.tab = this.doc.tabs.find((tab) => tab.id === id);
    for (const tab of this.doc.tabs) {
      const on = tab === this.tab;
      tab.button.setAttribute("aria-selected", on);
      tab.button.tabIndex = on ? 0 : -1;
    }
    byId("at-body").setAttribute("aria-labelledby", this.tab.button.id);
    byId("at-body").scrollTop = 0;
    this.tab.button.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.card.close();
    this.openView(this.tab.chosen || this.tab.view);
    // nothing of this tab is on the map: show the whole region, not a blank corner of it
    if (!this.view && !this.shownVectors().some((vector) => vector.tabs.length && vector.features.length)) this.fit();
  }

  openView(id) {
    this.view = this.views.get(id) || null;
    if (this.view) this.tab.chosen = id;
    this.card.close();
    this.drawBody();
    this.drawMap();
    this.drawLegend();
  }

  siblings() { // a view of another raster says on which tabs it is offered
    return !this.view ? [] : this.doc.views.filter((view) => (view.of ? view.tabs.includes(this.tab.id) : view.raster === this.views.get(this.tab.view).raster));
  }

  onView(block) {
    return !block.view || !this.view || block.view === this.view.id || block.view === this.view.of;
  }

  drawBody() {
    const own = this.tab.blocks.find((block) => block.type === "sentence" && this.view && block.view && this.onView(block));
    const sentence = own ? own.text : this.tab.sentence;
    emphasise(byId("at-sentence"), sentence);
    byId("at-sentence").title = sentence;
    const body = empty(byId("at-body"));
    const views = this.siblings();
    if (views.length > 1) body.appendChild(this.viewSwitch(views));
    for (const block of this.tab.blocks) if (this.onView(block)) put(body, drawBlock(block, this));
    if (!body.firstChild) body.appendChild(el("p", "at-small", words.empty));
  }

  viewSwitch(views) {
    const box = el("div", "at-segments");
    box.setAttribute("role", "radiogroup");
    box.setAttribute("aria-label", words.views);
    views.forEach((view, i) => {
      const button = el("button", "at-segment", view.title);
      button.type = "button";
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", view === this.view);
      button.tabIndex = view === this.view ? 0 : -1;
      const choose = (target) => {
        this.openView(views[target].id);
        byId("at-body").querySelector('.at-segment[aria-checked="true"]').focus();
      };
      button.addEventListener("click", () => choose(i));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) { event.preventDefault(); choose((i + step + views.length) % views.length); }
      });
      box.appendChild(button);
    });
    return box;
  }

  noTabs() {
    emphasise(byId("at-sentence"), this.doc.meta.title);
    const body = empty(byId("at-body"));
    const lines = this.doc.meta.absent.map((one) => `${one.part}：${one.text}`);
    for (const line of lines.length ? lines : [words.empty]) body.appendChild(el("p", "at-note", line));
    this.drawLegend();
  }

  panelWidth() {
    return Math.max(Math.min(byId("at-body").clientWidth - 28, 520), 240);
  }

  // ---- map
  shownVectors() {
    if (!this.tab) return this.doc.vectors.filter((vector) => !vector.tabs.length);
    const keys = [this.tab.id, this.view ? `${this.tab.id}/${this.view.of || this.view.id}` : ""];
    return this.doc.vectors.filter((vector) => (!vector.tabs.length || vector.tabs.some((tab) => keys.includes(tab)))
      && this.map.getZoom() >= (FROM_ZOOM[vector.role] || 0));
  }

  drawMap() {
    const shown = new Set(this.shownVectors());
    for (const vector of this.doc.vectors) {
      showRest(this, vector, shown.has(vector));
      if (shown.has(vector)) vector.group.addTo(this.map);
      else vector.group.remove();
    }
    const sites = [...shown].some((vector) => vector.role === "site" && vector.features.length);
    this.rasters.forEach((raster, i) => {
      if (this.view && this.view.raster === i) {
        raster.addTo(this.map);
        raster.show(colourTables(this.view, root.classList.contains("at-printing"), sites));
      } else raster.remove();
    });
    this.resizeSites(shown);
    this.labels.place();
  }

  resizeSites(shown) {
    for (const vector of shown) {
      if (vector.role !== "site") continue;
      for (const group of [vector.rest, vector.group]) {
        group.eachLayer((layer) => layer.setRadius(siteRadius(layer.feature, this.map.getZoom())));
      }
    }
  }

  far() {
    return this.map.getZoom() < FAR_ZOOM;
  }

  // ---- cards
  mark(place) {
    this.unmark();
    this.ring = L.circleMarker(place, { pane: "at-mark", radius: 11, color: "#11151a", weight: 3, fill: false, interactive: false }).addTo(this.map);
    this.ring2 = L.circleMarker(place, { pane: "at-mark", radius: 11, color: "#ffffff", weight: 1, fill: false, interactive: false }).addTo(this.map);
  }

  unmark() {
    this.showAccess();
    for (const name of ["ring", "ring2"]) if (this[name]) { this[name].remove(); this[name] = null; }
  }

  position(lat, lon) {
    return `${Math.abs(lon).toFixed(4)}°${lon < 0 ? "W" : "E"}\u00a0${Math.abs(lat).toFixed(4)}°${lat < 0 ? "S" : "N"}`;
  }

  openFeature(feature, vector, sighted) {
    const card = cardOf(this.pool, feature.card) || {};
    const place = feature.place;
    const extra = feature.approx ? [words.approxNote] : [];
    if (place) this.mark(place);
    this.showAccess(feature.id);
    this.card.open(card, feature.label || vector.title, place ? this.position(...latlon(place)) : "", extra);
    if (place && !sighted) this.uncover(place);
  }

  openRaster(place) {
    if (!this.view) return;
    const { lat, lng } = place;
    const raster = this.rasters[this.view.raster];
    const pattern = raster.at(lat, lng);
    this.mark(place);
    const county = this.countyAt(lat, lng);
    const title = [county, this.view.title].filter(Boolean).join(" · ");
    if (pattern < 0) {
      this.card.open({ notes: [words.outside] }, this.view.title, this.position(lat, lng));
      return;
    }
    const swatch = this.view.swatches[this.view.classes[pattern]];
    const card = cardOf(this.pool, this.view.cards[pattern]) || { pill: swatch ? { text: swatch.label, tone: "neutral" } : null, notes: [words.noCard] };
    this.card.open(card, title, this.position(lat, lng));
    this.uncover(place);
  }

  // Keep the place in sight when the card would lie on it.
  uncover(place) {
    if (narrow()) return;
    const p = this.map.latLngToContainerPoint(place), room = this.map.getSize().x - 360;
    if (p.x > room && room > 80) this.map.panBy([p.x - room + 40, 0], { animate: !calm() });
  }

  togglePanel() {
    const folded = root.classList.toggle("at-folded");
    byId("at-menu").setAttribute("aria-expanded", !folded);
    this.map.invalidateSize({ animate: false });
  }

  // ---- events
  listen() {
    const { map } = this;
    map.on("click", (event) => this.openRaster(event.latlng));
    map.on("mousemove", (event) => this.where(event.latlng));
    map.on("zoomend", () => {
      map.getContainer().classList.toggle("at-far", this.far());
      const shown = new Set(this.shownVectors());
      for (const vector of this.doc.vectors) {
        showRest(this, vector, shown.has(vector));
        if (!FROM_ZOOM[vector.role]) continue;
        if (shown.has(vector)) vector.group.addTo(map);
        else vector.group.remove();
      }
      this.resizeSites(shown);
    });
    const frame = map.getContainer(); // the ring in its middle is for keys alone
    frame.addEventListener("pointerdown", () => frame.classList.add("at-pointed"), true);
    frame.addEventListener("keydown", (event) => {
      frame.classList.remove("at-pointed");
      if (event.key === "Enter" && event.target === frame) {
        this.openRaster(map.getCenter());
        this.card.node.focus();
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (!byId("at-notes").hidden) this.toggleNotes(false);
      else this.card.close();
    });
    byId("at-menu").addEventListener("click", () => this.togglePanel());
    byId("at-print").addEventListener("click", () => window.print());
    byId("at-sentence").addEventListener("click", () => byId("at-sentence").classList.toggle("at-open"));
    byId("at-notes-button").addEventListener("click", () => this.toggleNotes(byId("at-notes").hidden));
    window.addEventListener("beforeprint", () => this.printing(true));
    window.addEventListener("afterprint", () => this.printing(false));
    new ResizeObserver(() => this.resized()).observe(map.getContainer());
  }
}

Object.assign(App.prototype, Legend, Notes, Paper, Fly);

const latlon = (place) => (Array.isArray(place) ? place : [place.lat, place.lng]);

async function mount(map) {
  const began = performance.now();
  const doc = await loadDocument();
  words = WORDS[doc.meta.lang] || WORDS.zh;
  const rasters = [];
  for (let i = 0; i < doc.rasters.length; i++) {
    const grid = doc.rasters[i];
    rasters.push(new RasterLayer(grid, await loadIndex(i, grid.rows * grid.cols)));
    rasters[i].options.pane = "at-raster";
  }
  const app = new App(map, doc, rasters);
  app.build();
  window.AtlasShell.app = app;
  root.dataset.ready = String(Math.round(performance.now()));
  root.dataset.mount = String(Math.round(performance.now() - began));
}

function start(map) {
  mount(map).catch((error) => {
    const reason = byId("at-reason") || put(byId("at-body"), el("p")).lastChild;
    reason.textContent = `${words.failed}${error && error.message ? error.message : error}`;
    root.dataset.failed = "1";
  });
}

// The panel 数据与说明: what the raster is, what is absent, undecided or to be known, sources.
const Notes = {
  buildNotes() {
    const { meta } = this.doc, node = empty(byId("at-notes"));
    const close = el("button", "at-close", "×");
    close.type = "button";
    close.setAttribute("aria-label", words.close);
    close.addEventListener("click", () => this.toggleNotes(false));
    put(node, put(el("div", "at-card-head"), el("h2", "at-card-title", words.notes), close));
    this.rasters.forEach(({ grid }) => {
      const ground = Math.round(grid.size * Math.cos((this.region.getCenter().lat * Math.PI) / 180));
      put(node, el("p", "at-small", words.rasterLong(ground, Math.round(grid.ground))));
    });
    put(node, el("p", "", `${meta.title} · ${words.as_of} ${meta.as_of} · ${words.resolution} ${meta.resolution} m · ${meta.crs}`));
    if (meta.run) put(node, el("p", "at-small", `${words.run} ${meta.run}`));
    const list = (title, lines) => {
      if (!lines.length) return;
      node.appendChild(el("h3", "at-title", title));
      const box = el("ul", "at-list");
      lines.forEach((line) => box.appendChild(el("li", "", line)));
      node.appendChild(box);
    };
    list(words.absent, meta.absent.map((one) => `${one.part}：${one.text}`));
    list(words.undecided, meta.undecided);
    list(words.warnings, meta.warnings);
    list(words.sources, meta.citations);
    node.appendChild(el("p", "at-small", `${meta.footer} · Leaflet 1.9.4 (BSD-2-Clause)`));
    const foot = el("span", "at-footer", `${meta.footer} · ${meta.as_of}`);
    byId("at-foot").insertBefore(foot, byId("at-notes-button"));
  },

  toggleNotes(open) {
    byId("at-notes").hidden = !open;
    byId("at-notes-button").setAttribute("aria-expanded", open);
    if (open) byId("at-notes").focus();
    else byId("at-notes-button").focus();
  },
};

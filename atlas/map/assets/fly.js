// A row flies to its site: to all that is drawn of it, or to its point, and opens its card.
const Fly = {
  flyTo(row, item) {
    const id = row.id === undefined ? "" : String(row.id);
    const known = id ? this.places.get(id) : null, extent = id ? this.extents.get(id) : null;
    const place = known && known.feature.place ? known.feature.place : Number.isFinite(row.lat) && Number.isFinite(row.lon) ? [row.lat, row.lon] : null;
    if (extent && extent.isValid()) this.flyOver(extent);
    else if (place) {
      const zoom = Math.max(this.map.getZoom(), 12.5);
      if (calm()) this.map.setView(place, zoom, { animate: false });
      else this.map.flyTo(place, zoom, { duration: 0.8 });
    }
    if (item) {
      if (place) this.mark(place);
      this.card.open(item, item.title, "");
    } else if (known) this.openFeature(known.feature, known.vector, Boolean(extent));
    else {
      if (place) this.mark(place);
      const card = { headline: row.value ? [{ label: row.extra || "", value: row.value }] : [], notes: place ? [] : [words.noPlace] };
      this.card.open(card, row.label, place ? this.position(...latlon(place)) : "");
    }
  },

  // Road and line of the site whose card is open, of none without one; other sites step back.
  showAccess(id) {
    const site = this.works.has(id) ? id : undefined;
    if (site !== this.openSite) {
      this.openSite = site;
      for (const [of, fades] of this.works) for (const fade of fades) fade(site !== undefined && of !== site);
      this.labels.place();
    }
    if (this.shownAccess) this.shownAccess.remove();
    this.shownAccess = (id !== undefined && this.access.get(id)) || null;
    if (this.shownAccess) this.shownAccess.addTo(this.map);
  },

  // The card stands at the right, on a phone below the map: what is drawn keeps off it.
  flyOver(extent) {
    const options = { paddingTopLeft: [56, 24], paddingBottomRight: [narrow() ? 24 : 372, 34], maxZoom: 14.5 };
    if (calm()) this.map.fitBounds(extent, { ...options, animate: false });
    else this.map.flyToBounds(extent, { ...options, duration: 0.8 });
  },
};

// Blocks of a tab, one function a type; the fields are documented in atlas/map/blocks.py.
const FOLD = 12;

const pill = (value) => (value && value.text ? el("span", `at-pill at-tone-${value.tone || "neutral"}`, value.text) : null);

function swatchDot(tone) {
  return el("span", `at-dot at-tone-${tone || "neutral"}`);
}

function figureOf(value, unit) {
  const node = el("span", "at-figure", value);
  if (unit) put(node, document.createTextNode("\u2009"), el("span", "at-unit", unit));
  return node;
}

function noteOf(text) {
  return text ? el("p", "at-small", text) : null;
}

const BLOCKS = {
  stats(block) {
    const box = el("div", "at-stats");
    for (const item of block.items) {
      put(box, put(el("div", "at-stat"), el("span", "at-label-text", item.label), figureOf(item.value, item.unit), noteOf(item.note)));
    }
    return box;
  },
  table(block) {
    const box = el("div", "at-block");
    if (block.title) box.appendChild(el("h2", "at-title", block.title));
    const table = el("table", "at-table");
    const head = el("tr");
    block.columns.forEach((column) => head.appendChild(el("th", column.align === "right" ? "at-right" : "", column.label)));
    put(table, put(el("thead"), head));
    const body = el("tbody");
    // bars compare rows: the longest fills its cell
    const longest = block.columns.map((_, i) => Math.max(...block.rows.map((row) => barOf(row[i]))));
    for (const row of block.rows) {
      const line = el("tr");
      row.forEach((cell, i) => line.appendChild(cellOf(cell, block.columns[i], longest[i])));
      body.appendChild(line);
    }
    put(table, body);
    return put(box, put(el("div", "at-scroll"), table), noteOf(block.note));
  },
  ranked(block, app) {
    const box = el("div", "at-block");
    if (block.title) box.appendChild(el("h2", "at-title", block.title));
    box.appendChild(noteOf(block.note) || document.createTextNode(""));
    const list = el("ol", "at-ranked");
    block.rows.forEach((row, i) => {
      const button = el("button", "at-row");
      button.type = "button";
      const extra = row.extra || "", long = extra.length > 4;
      const name = put(el("span", "at-grow"), el("span", "at-row-label", row.label), long ? el("span", "at-small at-row-extra", extra) : null);
      put(button, el("span", "at-rank", row.rank !== undefined && row.rank !== null ? row.rank : i + 1), swatchDot(row.tone),
        name, el("span", "at-value", row.value), long ? null : el("span", "at-extra", extra));
      button.addEventListener("click", () => app.flyTo(row));
      list.appendChild(put(el("li"), button));
    });
    if (!block.rows.length) box.appendChild(el("p", "at-small", words.none));
    return put(box, foldable(list));
  },
  chart: (block, app) => put(el("div", "at-block"), drawChart(block, app.panelWidth())),
  // One line a row: its name, its reach as a bar with the middle marked, its figures.
  intervals(block, app) {
    const box = put(el("div", "at-block"), block.title ? el("h2", "at-title", block.title) : null, noteOf(block.subtitle));
    const [low, high] = block.x, share = (v) => 100 * Math.min(Math.max((v - low) / (high - low || 1), 0), 1);
    const list = el("ol", "at-ranges");
    for (const row of block.rows) {
      const button = el("button", "at-range");
      button.type = "button";
      const reach = el("span", `at-reach at-tone-${row.tone || "neutral"}`), middle = el("span", "at-middle");
      reach.style.left = `${share(row.low)}%`;
      reach.style.width = `${Math.max(share(row.high) - share(row.low), 1.5)}%`;
      middle.style.left = `${share(row.mid)}%`;
      put(button, el("span", "at-range-name", row.label), put(el("span", "at-span"), reach, middle), el("span", "at-small at-right", row.text));
      button.addEventListener("click", () => app.flyTo(row));
      list.appendChild(put(el("li"), button));
    }
    return put(box, foldable(list), noteOf(block.note));
  },
  note: (block) => el("p", `at-note at-note-${block.tone || "neutral"}`, block.text),
  rules(block) {
    const box = el("div", "at-block");
    if (block.title) box.appendChild(el("h2", "at-title", block.title));
    for (const group of block.groups) {
      const folds = group.open !== undefined;
      const part = folds ? el("details", "at-group") : box;
      if (folds) {
        part.open = group.open;
        put(part, put(el("summary"), swatchDot(group.tone), el("span", "at-grow", group.title), el("span", "at-effect", group.sum)));
        put(box, part);
      } else if (group.title) part.appendChild(el("h2", "at-title", group.title));
      for (const row of group.rows) put(part, ruleOf(row));
    }
    return put(box, noteOf(block.note));
  },
  cards(block, app) {
    const box = el("div", "at-block");
    if (block.title) box.appendChild(el("h2", "at-title", block.title));
    for (const item of block.items) {
      const details = el("details", "at-item");
      const summary = put(el("summary"), el("span", "at-grow", item.title), pill(item.pill));
      put(details, summary, headlineOf(item.headline));
      if (Number.isFinite(item.lon) && Number.isFinite(item.lat)) {
        const button = el("button", "at-link", words.here);
        button.type = "button";
        button.addEventListener("click", () => app.flyTo({ ...item, label: item.title }, item));
        details.appendChild(button);
      }
      put(details, rowsOf(item.rows));
      put(details, ...(item.groups || []).map(groupOf));
      for (const note of item.notes || []) details.appendChild(noteOf(note));
      box.appendChild(details);
    }
    return box;
  },
  sentence: () => null,
};

// A rule: one line, its land under it; law, dates and grade unfold where the part gives them.
function ruleOf(row) {
  const head = [swatchDot(row.tone), el("span", "at-grow", row.label), el("span", "at-effect", row.effect)];
  const under = [row.area, row.note].filter(Boolean).join(" · ");
  const small = under ? el("p", "at-small at-under", under) : null;
  const more = [row.clause, ...(row.more || [])].filter(Boolean);
  if (!more.length && !row.frees) {
    const line = put(el("div", "at-rule"), ...head);
    return small ? put(document.createDocumentFragment(), line, small) : line;
  }
  const details = el("details", "at-more");
  put(details, put(el("summary"), put(el("span", "at-rule"), ...head), small));
  if (row.frees) put(details, el("p", "at-under at-frees", `→ ${row.frees}`));
  for (const line of more) put(details, el("p", "at-small at-under", line));
  return details;
}

const barOf = (cell) => (cell && typeof cell === "object" && cell.value > 0 ? Math.min(cell.value, 1) : 0);

// A long cell breaks before its bracket, never inside a band or before a unit.
function unbroken(text) {
  return text.replace(/-(?=\d)/g, "-\u2060").replace(/ 至 /g, "\u00a0至\u00a0").replace(/（/g, "\u200b（").replace(/\u2009/g, "\u202f");
}

function cellOf(cell, column, longest) {
  const node = el("td", column.align === "right" ? (String(cell).length > 11 ? "at-right at-wrap" : "at-right") : "");
  if (cell && typeof cell === "object") {
    const bar = el("span", `at-bar at-tone-${cell.tone || "neutral"}`);
    bar.style.width = `${Math.round((longest ? barOf(cell) / longest : 0) * 100)}%`;
    node.className = "at-barcell";
    node.appendChild(bar);
  } else node.textContent = cell === null || cell === undefined ? "—" : unbroken(String(cell));
  return node;
}

// A long list shows its first rows and a button for the rest.
function foldable(list) {
  const rows = [...list.children];
  if (rows.length <= FOLD + 4) return list;
  const button = el("button", "at-link", words.more(rows.length));
  button.type = "button";
  let open = false;
  const set = () => rows.forEach((row, i) => { row.hidden = !open && i >= FOLD; });
  button.addEventListener("click", () => { open = !open; set(); button.textContent = open ? words.less : words.more(rows.length); });
  set();
  return put(el("div"), list, button);
}

function drawBlock(block, app) {
  const make = BLOCKS[block.type];
  return make ? make(block, app) : null;
}

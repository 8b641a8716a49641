// The card on the right: title, pill, three figures, chart, rows, reasons, chapters, notes.
function headlineOf(items) {
  if (!items || !items.length) return null;
  const box = el("div", "at-headline");
  for (const item of items) put(box, put(el("div"), el("span", "at-label-text", item.label), figureOf(item.value, item.unit)));
  return box;
}

function rowsOf(rows) {
  if (!rows || !rows.length) return null;
  const list = el("dl", "at-rows");
  for (const row of rows) {
    const value = el("dd", "", row.value);
    if (row.note) {
      const short = String(row.note).length <= 9;
      if (short) value.appendChild(document.createTextNode(" \u2002"));
      value.appendChild(el("span", short ? "at-small at-beside" : "at-small at-below", row.note));
    }
    put(list, el("dt", "", row.label), value);
  }
  return list;
}

// Parts of a score as a small bar chart: label, bar, figure.
function barsOf(rows) {
  const barred = (rows || []).filter((row) => row.bar);
  if (!barred.length) return null;
  const box = el("div", "at-bars");
  for (const row of barred) {
    const bar = el("span", `at-bar at-tone-${row.bar.tone || "neutral"}`);
    bar.style.width = `${Math.round(100 * Math.min(Math.max(row.bar.value || 0, 0), 1))}%`;
    put(box, el("span", "at-small", row.label), put(el("span", "at-track"), bar),
      el("span", "at-small at-right", row.note), el("span", "at-small at-right", row.value));
  }
  return box;
}

// law and clause -> what it hits -> how much -> what would free it
function reasonOf(reason) {
  const text = put(el("div"), el("strong", "", reason.law || reason.clause));
  if (reason.law && reason.clause) text.appendChild(el("div", "at-small", reason.clause));
  const chain = [reason.hits, reason.amount].filter(Boolean).join(" → ");
  if (chain) text.appendChild(el("div", "", chain));
  if (reason.frees) put(text, put(el("div", "at-frees"), el("span", "at-arrow", "→ "), document.createTextNode(reason.frees)));
  if (reason.documents) text.appendChild(el("div", "at-small", reason.documents));
  if (reason.grade) text.appendChild(el("div", "at-small", `${words.grade} ${reason.grade}`));
  return put(el("li"), swatchDot(reason.tone), text);
}

// Reasons of one effect stand under its name; those that only move the score are folded.
function reasonsOf(reasons) {
  if (!reasons || !reasons.length) return null;
  const box = el("div", "at-why");
  let group, list;
  for (const reason of reasons) {
    if (!list || (reason.group || "") !== group) {
      group = reason.group || "";
      list = el("ul", "at-reasons");
      const count = reasons.filter((one) => (one.group || "") === group).length;
      const title = group && reasons.length > 1 ? `${group}${count > 1 ? ` · ${count}` : ""}` : "";
      if (reason.fold) put(box, put(el("details", "at-group"), el("summary", "", `${group} · ${count}`), list));
      else put(box, title ? el("h3", "at-small at-effect-name", title) : null, list);
    }
    put(list, reasonOf(reason));
  }
  return box;
}

// Chapters of a long card fold: charts, rows, reasons and notes under one line.
function groupOf(group) {
  const node = put(el("details", "at-group at-chapter"), put(el("summary"), group.tone ? swatchDot(group.tone) : null, el("span", "at-grow", group.title), el("span", "at-effect", group.sum || "")));
  node.open = Boolean(group.open);
  // drawn when first seen: a card of twelve chapters opens at once
  const fill = () => {
    if (node.childElementCount > 1) return;
    for (const chart of group.charts || []) node.appendChild(drawChart(chart, 306));
    put(node, barsOf(group.rows), rowsOf((group.rows || []).filter((row) => !row.bar)), reasonsOf(group.reasons));
    for (const note of group.notes || []) node.appendChild(el("p", "at-small at-cardnote", note));
  };
  node.addEventListener("toggle", () => { if (node.open) fill(); });
  if (node.open) fill();
  return node;
}

class Card {
  constructor(app) {
    this.app = app;
    this.node = byId("at-card");
    this.back = null;
    L.DomEvent.disableScrollPropagation(this.node);
  }

  open(card, fallbackTitle, subtitle, extra) {
    const node = empty(this.node);
    this.back = document.activeElement;
    const close = el("button", "at-close", "×");
    close.type = "button";
    close.setAttribute("aria-label", words.close);
    close.addEventListener("click", () => this.close());
    put(node, put(el("div", "at-card-head"), el("h2", "at-card-title", card.title || fallbackTitle), close));
    const under = [card.subtitle, subtitle].filter(Boolean).join(" · ");
    put(node, put(el("div", "at-card-sub"), pill(card.pill), el("span", "at-small", under)));
    put(node, headlineOf(card.headline));
    if (card.chart && card.chart.series) put(node, drawChart(card.chart, 306));
    put(node, rowsOf(card.facts));
    put(node, barsOf(card.rows), reasonsOf(card.reasons), rowsOf((card.rows || []).filter((row) => !row.bar)));
    put(node, ...(card.groups || []).map(groupOf));
    for (const note of [...(card.notes || []), ...(extra || [])].filter(Boolean)) node.appendChild(el("p", "at-small at-cardnote", note));
    node.hidden = false;
    node.scrollTop = 0;
    document.documentElement.classList.add("at-has-card");
  }

  close() {
    if (this.node.hidden) return false;
    this.node.hidden = true;
    document.documentElement.classList.remove("at-has-card");
    this.app.unmark();
    if (this.back && this.back.isConnected && this.back.focus) this.back.focus({ preventScroll: true });
    return true;
  }
}

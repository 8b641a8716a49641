// Data blocks: base64 -> deflate -> JSON or planes; geometry from steps; cards from the pool.
function bytesOf(id) {
  const node = byId(id);
  if (!node) throw new Error(`${id} ?`);
  const text = node.textContent.trim();
  if (typeof Uint8Array.fromBase64 === "function") return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out;
}

async function inflate(id) {
  if (typeof DecompressionStream !== "function") throw new Error(words.noStream);
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  writer.write(bytesOf(id)).catch(() => {});
  writer.close().catch(() => {});
  const parts = [];
  let total = 0;
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    total += value.length;
  }
  const out = new Uint8Array(total);
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}

async function loadDocument() {
  return JSON.parse(new TextDecoder("utf-8").decode(await inflate("atlas-data")));
}

async function loadIndex(number, cells) {
  const raw = await inflate(`atlas-raster-${number}`);
  if (raw.length !== 2 * cells) throw new Error(`raster ${number}: ${raw.length} / ${2 * cells}`);
  const index = new Uint16Array(cells);
  for (let i = 0; i < cells; i++) index[i] = (raw[i] << 8) | raw[cells + i];
  return index;
}

// A card keeps numbers of pool items; give back the card itself.
function cardOf(pool, number) {
  if (number === null || number === undefined) return null;
  const packed = pool[number];
  const card = {};
  for (const key in packed) {
    const value = packed[key];
    card[key] = Array.isArray(value) ? value.map((n) => pool[n]) : pool[value];
  }
  return card;
}

// [lon0, lat0, dlon, dlat, ...] in 1e-5 degrees -> [[lat, lon], ...]
function unstep(flat) {
  const out = new Array(flat.length / 2);
  let x = 0, y = 0;
  for (let i = 0; i < flat.length; i += 2) {
    x += flat[i];
    y += flat[i + 1];
    out[i / 2] = [y / 1e5, x / 1e5];
  }
  return out;
}

function ringsOf(geometry) {
  if (geometry[0] === "A") return geometry[1].map((polygon) => polygon.map(unstep));
  return geometry[1].map(unstep);
}

const pointOf = (geometry) => [geometry[2] / 1e5, geometry[1] / 1e5];

function insideRing(ring, lat, lon) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [yi, xi] = ring[i], [yj, xj] = ring[j];
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

const insideAreas = (areas, lat, lon) =>
  areas.some((polygon) => polygon.reduce((odd, ring) => odd !== insideRing(ring, lat, lon), false));

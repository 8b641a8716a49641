// Words of the shell itself in both languages, element makers, and the emphasis of figures.
const WORDS = {
  zh: {
    menu: "收起或展开面板", print: "打印", tabs: "专题", close: "关闭", notes: "数据与说明",
    sources: "数据来源", absent: "本次没有的内容", warnings: "须知", undecided: "未决事项",
    outside: "在本区范围之外", noCard: "此处没有可显示的内容", views: "技术", here: "在图上看",
    law: "依据", hits: "触及", amount: "数量", frees: "如何解除", grade: "证据等级",
    raster: (shown, heavy) => `像元 ${shown} m${heavy ? "" : "，远观＝占比"}`,
    rasterLong: (shown, ground) => `显示用栅格像元 ${shown} m，由 ${ground} m 分析栅格按最近邻重采样到 EPSG:3857，不超过 500 万个像元；缩小时一个像素为各类颜色的均值（占比），选址页里可用地的颜色按 2 倍计；面积和容量来自表，不由像素计。`,
    synthetic: "白斜线＝合成", sites: "深＝名次前，大＝容量大；远观只画前 100 处、可用地加重",
    closer: "（放大后显示）", blocked: "浅灰＝受阻", approx: "虚线圈＝位置概略，未筛查", approxNote: "位置为概略（坐标未公布或精度不足），不作筛查结论。",
    water: "水系", place: "坐标", zoomIn: "放大", zoomOut: "缩小", home: "全区",
    map: "地图：方向键移动，加减号缩放，回车查看中心点", as_of: "截至", run: "运行编号",
    failed: "地图没有打开：", noStream: "浏览器太旧，缺少 DecompressionStream；请用 Edge/Chrome 80、Firefox 113、Safari 16.4 以上版本",
    more: (n) => `显示全部 ${n} 项`, less: "收起", resolution: "分析栅格", named: "点位", none: "（无）", noPlace: "坐标未公布，图上没有点位。",
    sitesAlone: "圆点：深＝名次前，大＝容量大",
    works: { upper_lake: "放大看：上库", lower_lake: "下库", existing_lake: "已有水库", dam: "坝", tunnel: "输水隧洞（字＝毛水头）", powerhouse: "厂房", road: "道路", line: "线路" },
    empty: "没有可显示的内容。", rest: "其余见同一文件夹的 tables.xlsx 与 report.html",
  },
  en: {
    menu: "Fold or unfold the panel", print: "Print", tabs: "Topics", close: "Close", notes: "Data and notes",
    sources: "Sources", absent: "Not in this run", warnings: "Warnings", undecided: "Undecided",
    outside: "Outside the region", noCard: "Nothing to show here", views: "Technology", here: "Show on map",
    law: "Law", hits: "Hits", amount: "Amount", frees: "What would free it", grade: "Grade",
    raster: (shown, heavy) => `Cells ${shown} m${heavy ? "" : ", far out: shares"}`,
    rasterLong: (shown, ground) => `Display cells of ${shown} m, nearest neighbour from the ${ground} m analysis grid in EPSG:3857, at most 5 million cells; far out a pixel is the mean colour of its cells (shares), usable land counted twice where sites are shown; areas and capacities come from tables, never from pixels.`,
    synthetic: "Diagonals = synthetic", sites: "Dark = best rank, size = MW; far out: best 100, usable land x 2",
    closer: " (zoom in)", blocked: "grey = blocked", approx: "Dashed ring = approximate position, not screened", approxNote: "Approximate position (not published or not exact enough): no screening result.",
    water: "Water", place: "Position", zoomIn: "Zoom in", zoomOut: "Zoom out", home: "Whole region",
    map: "Map: arrows move, plus and minus zoom, Enter shows the centre", as_of: "As of", run: "Run",
    failed: "The map did not open: ", noStream: "this browser has no DecompressionStream; use Edge/Chrome 80, Firefox 113, Safari 16.4 or newer",
    more: (n) => `Show all ${n}`, less: "Fold", resolution: "Analysis cells", named: "Places", none: "(none)", noPlace: "Position not published: not on the map.",
    sitesAlone: "Dots: dark = best rank, size = MW",
    works: { upper_lake: "zoom in: upper lake", lower_lake: "lower lake", existing_lake: "existing lake", dam: "dam", tunnel: "tunnel (gross head)", powerhouse: "powerhouse", road: "road", line: "line" },
    empty: "Nothing to show.", rest: "The rest is in tables.xlsx and report.html beside this file",
  },
};
let words = WORDS.zh;

const byId = (id) => document.getElementById(id);

// Text enters the page here and nowhere else, always as textContent.
function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = String(text);
  return node;
}

function put(parent, ...children) {
  for (const child of children) if (child) parent.appendChild(child);
  return parent;
}

function svg(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  if (text !== undefined) node.textContent = text;
  return node;
}

function empty(node) {
  while (node.firstChild) node.removeChild(node.firstChild);
  return node;
}

const UNIT = "万亩|亩|万千瓦时|万千瓦|亿千瓦时|千瓦时|千瓦|亿m³|亿立方米|万m³|m³/亩|m³/ha|m³|MWp|MW|GWh|GW|km²|km2|km|公顷|hm²|ha|万吨|万t|tCO2|t|亿元|万元|元/kWh|元/kW|CNY/kWh|CNY/kW|元|个百分点|%|％|个|座|处|项|分|小时|h|mu|m";
const FIGURE = new RegExp(`([≥≤<>≈~－−-]?\\d[\\d,]*(?:\\.\\d+)?(?:[-–]\\d[\\d,]*(?:\\.\\d+)?)?(?:\\s?\\(\\d[\\d,.]*\\s?[-–—]\\s?\\d[\\d,.]*\\))?(?:[\\u2009\\u202f\\u00a0 ]?(?:${UNIT})(?![A-Za-z0-9²])))`);

// Figures with a unit stand out; what is in brackets steps back.
function emphasise(node, text) {
  empty(node);
  for (const piece of String(text).split(/([（(][^（）()]{6,}[）)])/)) {
    if (!piece) continue;
    const aside = /^[（(]/.test(piece) && piece.length > 7;
    const target = aside ? put(node, el("span", "at-aside")).lastChild : node;
    piece.split(FIGURE).forEach((bit, i) => {
      if (!bit) return;
      target.appendChild(i % 2 && !aside ? el("strong", "", bit) : document.createTextNode(bit));
    });
  }
}

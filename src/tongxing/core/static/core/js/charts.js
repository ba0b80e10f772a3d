// Charts by contract: <div class="chart" data-chart="bar|line|stack|map|tiles" data-source="…json">.
// The JSON holds title (the sentence that answers the question), labels, series [{name, values}], links and for maps a GeoJSON.
// Every picture has a table twin, one press away; without a picture (print, no canvas) the table is what remains.
const body = document.body;
let library = null;
const drawn = new Map();

function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = body.dataset.echarts;
    script.addEventListener("load", () => resolve(window.echarts));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return library;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--tx-${name}`).trim();
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const scale = () => Number.parseFloat(getComputedStyle(body).fontSize) / 16;

// Vacancy is red and hatched wherever it appears; the others take the six colours in order.
function colours(data) {
  const six = ["c1", "c2", "c3", "c4", "c5", "c6"].map(colour);
  return data.series.map((one, place) => {
    if (/空缺|缺口/.test(one.name)) return colour("red");
    if (/未持证/.test(one.name)) return colour("c2");
    return six[place % 6];
  });
}

function frame(data) {
  const size = Math.round(13 * scale());
  return {
    animation: !calm(),
    animationDuration: 300,
    color: colours(data),
    textStyle: { fontFamily: getComputedStyle(body).fontFamily, fontSize: size, color: colour("ink") },
    aria: { enabled: true, decal: { show: data.series.length > 1 } },
    tooltip: { trigger: "axis", confine: true, backgroundColor: colour("surface"), borderColor: colour("line"), textStyle: { color: colour("ink"), fontSize: size } },
    legend: data.series.length > 1 ? { type: "scroll", top: 0, left: 0, right: 0, icon: "roundRect", itemWidth: 16, textStyle: { color: colour("ink-2"), fontSize: size } } : undefined,
    grid: { left: 8, right: 24, top: data.series.length > 1 ? 36 : 12, bottom: 8, containLabel: true },
  };
}

function axes(data, { flat }) {
  const text = { color: colour("ink-2"), fontSize: Math.round(13 * scale()) };
  const names = { type: "category", data: data.labels, axisLabel: { ...text, hideOverlap: true, interval: flat ? 0 : "auto" }, axisLine: { lineStyle: { color: colour("line-strong") } }, axisTick: { show: false }, inverse: flat };
  const numbers = { type: "value", minInterval: data.decimals ? 0 : 1, axisLabel: text, splitLine: { lineStyle: { color: colour("line") } } };
  return flat ? { xAxis: numbers, yAxis: names } : { xAxis: names, yAxis: numbers };
}

const DRAW = {
  bar: (data) => ({ ...frame(data), ...axes(data, { flat: true }), series: data.series.map((one) => ({ type: "bar", name: one.name, data: one.values, barMaxWidth: 22 })) }),
  stack: (data) => ({ ...frame(data), ...axes(data, { flat: true }), series: data.series.map((one) => ({ type: "bar", name: one.name, data: one.values, stack: "all", barMaxWidth: 22 })) }),
  line: (data) => ({ ...frame(data), ...axes(data, { flat: false }), series: data.series.map((one) => ({ type: "line", name: one.name, data: one.values, symbolSize: 7, connectNulls: true, lineStyle: { width: 2.5, type: /预测/.test(one.name) ? "dashed" : "solid" } })) }),
  map: (data, echarts, key) => {
    echarts.registerMap(key, data.map);
    const values = data.series[0].values;
    return {
      ...frame({ series: [data.series[0]] }),
      tooltip: { trigger: "item", confine: true, formatter: (one) => `${echarts.format.encodeHTML(one.name)}　${Number.isFinite(one.value) ? one.value : "暂无"}` },
      visualMap: { min: 0, max: Math.max(100, ...values.filter(Number.isFinite)), left: 0, bottom: 0, calculable: false, text: ["高", "低"], textStyle: { color: colour("ink-2") }, inRange: { color: ["#f6dcd5", "#cfe6e4", "#0b5a62"] } },
      series: [{ type: "map", map: key, name: data.series[0].name, roam: false, labelLayout: { hideOverlap: true }, label: { show: data.labels.length < 30, color: colour("ink"), fontSize: 12 }, itemStyle: { areaColor: colour("surface-2"), borderColor: colour("line-strong") }, emphasis: { label: { color: colour("ink") } }, data: data.labels.map((name, place) => ({ name, value: values[place] })) }],
    };
  },
};
DRAW.tiles = DRAW.bar;

function table(data) {
  const wrap = document.createElement("div");
  wrap.className = "chart-table tx-scroll";
  wrap.tabIndex = 0;
  wrap.setAttribute("role", "region");
  wrap.setAttribute("aria-label", "图的数据表");
  const grid = document.createElement("table");
  grid.className = "table table-tx";
  const head = grid.createTHead().insertRow();
  for (const name of ["", ...data.series.map((one) => one.name)]) {
    const cell = document.createElement(name ? "th" : "td");
    cell.textContent = name;
    if (name) { cell.scope = "col"; cell.className = "is-number"; }
    head.append(cell);
  }
  const rows = grid.createTBody();
  data.labels.forEach((label, place) => {
    const row = rows.insertRow();
    const name = document.createElement("th");
    name.scope = "row";
    const link = data.links?.[place];
    if (link) { const anchor = document.createElement("a"); anchor.href = link; anchor.textContent = label; name.append(anchor); } else name.textContent = label;
    row.append(name);
    for (const one of data.series) {
      const cell = row.insertCell();
      cell.className = "is-number";
      cell.textContent = one.values[place] ?? "–";
    }
  });
  wrap.append(grid);
  return wrap;
}

function build(box, data) {
  box.replaceChildren();
  const quiet = box.hasAttribute("data-quiet");
  if (data.title && !quiet) {
    const line = document.createElement("p");
    line.className = "chart-answer";
    line.textContent = data.title;
    box.append(line);
  }
  if (!data.labels?.length) {
    const empty = document.createElement("p");
    empty.className = "chart-fail";
    empty.textContent = "还没有可以画的数据。";
    box.append(empty);
    return null;
  }
  const canvas = document.createElement("div");
  canvas.className = "chart-canvas";
  if (["bar", "stack", "tiles"].includes(box.dataset.chart)) canvas.style.height = `${Math.max(box.hasAttribute("data-tabled") ? 90 : 200, (data.labels.length * 28 + 60) * scale())}px`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${data.title || "统计图"}（数据见下面的表）`);
  const twin = table(data);
  twin.hidden = true;
  const press = document.createElement("button");
  press.type = "button";
  press.className = "btn btn-sm chart-press";
  press.setAttribute("aria-expanded", "false");
  press.textContent = "看数据表";
  press.addEventListener("click", () => {
    twin.hidden = !twin.hidden;
    press.setAttribute("aria-expanded", String(!twin.hidden));
    press.textContent = twin.hidden ? "看数据表" : "收起数据表";
  });
  // Where the page itself shows the numbers as a table, a second one would only repeat it.
  if (box.hasAttribute("data-tabled")) box.append(canvas); else box.append(canvas, press, twin);
  return canvas;
}

async function draw(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "1";
  box.innerHTML = "";
  const wait = document.createElement("p");
  wait.className = "chart-wait";
  wait.textContent = "正在画图…";
  box.append(wait);
  try {
    const answer = await fetch(box.dataset.source, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    const canvas = build(box, data);
    if (canvas) paint(box, canvas, data, await load());
  } catch {
    wait.className = "chart-fail";
    wait.textContent = "图没有画出来：数据没有读到。请刷新页面再试。";
    box.replaceChildren(wait);
  }
}

function paint(box, canvas, data, echarts) {
  const kind = DRAW[box.dataset.chart] ? box.dataset.chart : "bar";
  const picture = echarts.init(canvas, null, { renderer: "svg" });
  picture.setOption(DRAW[kind](data, echarts, box.dataset.source));
  picture.on("click", (one) => { const link = data.links?.[one.dataIndex]; if (link) window.location.assign(link); });
  drawn.set(box, { picture, data, kind, echarts });
  new ResizeObserver(() => picture.resize()).observe(canvas);
}

const see = "IntersectionObserver" in window ? new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { see.unobserve(entry.target); draw(entry.target); }
}, { rootMargin: "300px" }) : null;

export function start(root) {
  root.querySelectorAll?.(".chart[data-source]").forEach((box) => (see ? see.observe(box) : draw(box)));
}

// Pictures out of sight are drawn once the page is at rest: paper and a long scroll must not meet empty boxes.
const atRest = window.requestIdleCallback ?? ((act) => setTimeout(act, 1000));
async function drawRest() {
  for (const box of document.querySelectorAll(".chart[data-source]:not([data-ready])")) await draw(box);
}

start(document);
if (see) window.addEventListener("load", () => atRest(drawRest));
document.addEventListener("htmx:load", (event) => start(event.target));
document.addEventListener("tx:content", (event) => start(event.detail));
document.addEventListener("tx:theme", () => {
  for (const { picture, data, kind, echarts } of drawn.values()) picture.setOption(DRAW[kind](data, echarts, "again"), true);
});
window.addEventListener("beforeprint", () => document.querySelectorAll(".chart-table").forEach((twin) => { twin.hidden = false; }));

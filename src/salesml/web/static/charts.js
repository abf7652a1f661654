// Charts from data that stands in the page: <canvas data-chart="JSON">. Colours come from the style sheet, and
// change with it.

const frames = document.querySelectorAll("canvas[data-chart]");
const charts = new Map();

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function dataset(bars) {
  const fills = {
    actual: color("--accent-solid"),
    partial: color("--chart-partial"),
    forecast: color("--accent-soft"),
  };
  return {
    data: bars.map((bar) => bar.value),
    backgroundColor: bars.map((bar) => fills[bar.kind]),
    borderColor: bars.map((bar) => (bar.kind === "forecast" ? color("--accent") : "transparent")),
    borderWidth: bars.map((bar) => (bar.kind === "forecast" ? 2 : 0)),
    borderSkipped: false,
    borderRadius: 4,
    maxBarThickness: 44,
  };
}

function options({ currency, bars }) {
  const language = document.documentElement.lang;
  const locale = { pl: "pl-PL", en: "en-GB" }[language] ?? language;
  const money = new Intl.NumberFormat(locale, { style: "currency", currency, maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  const text = { color: color("--ink-3"), font: { family: getComputedStyle(document.body).fontFamily, size: 12 } };
  return {
    maintainAspectRatio: false,
    animation: false,
    locale,
    plugins: {
      legend: { display: false },
      tooltip: {
        displayColors: false,
        callbacks: {
          title: ([item]) => bars[item.dataIndex].title,
          label: (item) => money.format(item.parsed.y),
        },
      },
    },
    scales: {
      x: { grid: { display: false }, border: { color: color("--line") }, ticks: { ...text, maxRotation: 0, autoSkipPadding: 12 } },
      y: {
        beginAtZero: true,
        grid: { color: color("--line") },
        border: { display: false },
        ticks: { ...text, maxTicksLimit: 6, callback: (value) => short.format(value) },
      },
    },
  };
}

function draw(canvas) {
  const data = JSON.parse(canvas.dataset.chart);
  charts.get(canvas)?.destroy();
  const made = { labels: data.bars.map((bar) => bar.label), datasets: [dataset(data.bars)] };
  charts.set(canvas, new globalThis.Chart(canvas, { type: "bar", data: made, options: options(data) }));
}

const drawAll = () => frames.forEach(draw);

drawAll();
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

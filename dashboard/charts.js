// The rows of the charts, and their drawing in the colours of the theme.
const {data, runs, names, letter, LETTERS, monthName} = window.dashboard;
const CHOICES = [13, 26, 52, 104];
const SVG_CELLS = 4000, NARROW_PIXELS = 700;
const select = document.getElementById("shown");

function rows(shown) {
  const newest = runs.slice(-shown);
  const order = data.ranking.regions.map(region => region.region);
  const sorted = [...order, ...names.filter(name => !order.includes(name))].map(name => [name, names.indexOf(name)]);
  const cells = sorted.flatMap(([region, index]) => newest.map(run => ({run: run.run_id, region, index, of: run})));
  return {
    calendar: calendar(),
    regions: cells.map(({run, region, index, of}) => ({run, region, outcome: LETTERS[letter(of, index)]})),
    hectares: cells.map(({run, region, index, of}) => ({run, region, hectares: (of.hectares || [])[index] ?? null})),
    duration: newest.map(run => ({run: run.run_id, outcome: run.outcome,
      seconds: Math.max(1, run.duration_seconds), timeout: data.timeout_seconds})),
    cost: newest.map(run => ({run: run.run_id, outcome: run.outcome, usd: run.cost_usd === null ? null : Number(run.cost_usd)})),
    months: data.months.slice(-12).map(month => ({label: monthName(month.month),
      usd: month.cost_usd === null ? null : Number(month.cost_usd),
      budget: data.budget_usd === null ? null : Number(data.budget_usd)})),
  };
}
// The worst outcome of each day of the last twelve months.
function calendar() {
  const order = ["succeeded", "partial", "failed"], outcomes = new Map();
  for (const run of runs) {
    const date = run.started_at.slice(0, 10), known = outcomes.get(date);
    if (!known || order.indexOf(run.outcome) > order.indexOf(known)) outcomes.set(date, run.outcome);
  }
  const [year, month] = data.published_at.split("-").map(Number), found = [];
  const [firstYear, firstMonth] = (runs[0]?.started_at || data.published_at).split("-").map(Number);
  const months = 12 * (year - firstYear) + month - firstMonth;
  for (let back = Math.min(11, Math.max(5, months)); back >= 0; back -= 1) {
    const first = new Date(Date.UTC(year, month - 1 - back, 1));
    const name = first.toISOString().slice(0, 7), days = new Date(Date.UTC(year, month - back, 0)).getUTCDate();
    for (let day = 1; day <= days; day += 1) {
      const date = `${name}-${String(day).padStart(2, "0")}`;
      found.push({month: monthName(name), day, outcome: outcomes.get(date) || "none"});
    }
  }
  return found;
}

const styles = getComputedStyle(document.documentElement);
const colour = name => styles.getPropertyValue(`--${name}`).trim();
function coloured(specification) {
  return JSON.parse(JSON.stringify(specification).replace(/"@([a-z-]+)"/g, (_, name) => JSON.stringify(colour(name))));
}
function config() {
  const text = {labelColor: colour("ink"), titleColor: colour("muted"), labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal"};
  return {aria: false, font: getComputedStyle(document.body).fontFamily, view: {stroke: null},
    axis: {...text, gridColor: colour("line"), domainColor: colour("line"), tickColor: colour("line")}, legend: text,
    // Cells without a row between them need no grid.
    axisBand: {grid: false, ticks: false, domain: false, labelPadding: 5}};
}
const views = new Map();
async function draw() {
  const filled = rows(Number(select.value));
  await Promise.all(Object.entries(SPECIFICATIONS).map(async ([name, specification]) => {
    const room = document.getElementById(`${name}-chart`);
    if (!room || !filled[name].length) return;
    const drawn = await vegaEmbed(room, {...coloured(specification), datasets: {rows: filled[name]}}, {
      mode: "vega-lite", actions: false, ast: true, defaultStyle: false, tooltip: false, config: config(),
      renderer: filled[name].length > SVG_CELLS ? "canvas" : "svg",
    });
    views.get(name)?.finalize();
    views.set(name, drawn);
  }));
  document.documentElement.dataset.drawn = colour("ink");
}

const most = runs.length, usual = innerWidth < NARROW_PIXELS ? 13 : 52;
for (const choice of [...CHOICES.filter(choice => choice < most), most]) {
  select.append(new Option(choice === most ? `${most} (all)` : String(choice), String(choice), false, choice === Math.min(usual, most)));
}
// A single choice is none.
select.parentElement.hidden = select.length < 2;
select.addEventListener("change", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
// The libraries are below this program.
document.addEventListener("DOMContentLoaded", draw);

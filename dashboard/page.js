// The texts and tables of the page. Texts of the document become text nodes, so that none of them is read as markup.
const data = JSON.parse(document.getElementById("document").textContent);
const runs = data.history.runs, names = data.history.regions;
const LETTERS = {s: "succeeded", f: "failed", k: "skipped", "-": "no part"};
const LISTED = 26, RANKED = 8;

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "tone") made.style.setProperty("--tone", `var(--${value})`);
    else if (name === "width") made.style.width = value;
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter(child => child !== null && child !== undefined));
  return made;
}
const place = (id, ...children) => document.getElementById(id).replaceChildren(...children.flat().filter(Boolean));
const unknown = () => element("span", {class: "unknown"}, "unknown");
const count = (number, noun) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
const minute = text => `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
const day = text => new Date(text).toLocaleDateString("en-GB",
  {weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC"}).replace(/ /g, "\u00a0");

const shortDay = text => new Date(text).toLocaleDateString("en-GB",
  {day: "numeric", month: "short", timeZone: "UTC"}).replace(/ /g, "\u00a0");

function duration(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const large = units.findIndex(([, size]) => seconds >= size);
  if (large < 0) return "0 s";
  if (large === 3) return `${seconds} s`;
  const [[name, size], [small, smallSize]] = [units[large], units[large + 1]];
  if (large === 2 && seconds >= 600) return `${Math.round(seconds / 60)}\u00a0min`;
  const rest = Math.floor(seconds % size / smallSize);
  return `${Math.floor(seconds / size)}\u00a0${name}${rest ? `\u00a0${rest}\u00a0${small}` : ""}`;
}
function dollars(text) {
  if (text === null) return "unknown";
  return Number(text) < 0.01 ? "less than $0.01" :
    Number(text).toLocaleString("en-US", {style: "currency", currency: "USD"});
}
function area(hectares) {
  return `${hectares.toLocaleString("en-US", {maximumFractionDigits: hectares < 10 ? 2 : 0})} ha`;
}
function countdown(time) {
  const days = Math.round((new Date(time) - Date.now()) / 86400000);
  return days === 0 ? "within a day" : days > 0 ? `in ${count(days, "day")}` : `${count(-days, "day")} ago`;
}
const letter = (run, index) => run.regions[index] || "-";
function tally(run) {
  const found = {s: 0, f: 0, k: 0};
  for (const each of run.regions) if (each in found) found[each] += 1;
  return {...found, all: found.s + found.f + found.k};
}
function cleared(run) {
  const known = (run.hectares || []).filter(value => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
}
const runDuration = run => run.rebuilt ? `about ${duration(run.duration_seconds)}` : duration(run.duration_seconds);
const runCost = run => `${run.cost_is_at_most ? "at most " : ""}${dollars(run.cost_usd)}`;
const monthCost = month => `${month.is_at_most ? "at most " : ""}${dollars(month.cost_usd)}`;
// A copy in the folder of downloaded reports, such as that of `make run`, is beside the runs' own folders.
const isBesideReports = location.protocol === "file:" && /\/reports\/dashboard\.html$/.test(location.pathname);
function reports(run) {
  if (!run.index_key) return null;
  if (isBesideReports) return `${encodeURIComponent(run.run_id)}/index.html`;
  return data.reports_folder && `${data.reports_folder}${encodeURIComponent(run.run_id)}/`;
}
function runLink(run) {
  const address = reports(run);
  return address ? element("a", {href: address, rel: "noreferrer"}, run.run_id) : run.run_id;
}
function state(tone, words) {
  return element("span", {class: "state"}, element("span", {class: "swatch", tone, "aria-hidden": "true"}), words);
}

function table(caption, columns, rows) {
  const head = columns.map(([name, kind]) => element("th", {scope: "col", class: kind}, name));
  const body = rows.map(row => element("tr", {}, row.map((value, index) =>
    element(index ? "td" : "th", {scope: index ? null : "row", class: columns[index][1]},
      value === null ? unknown() : value))));
  return element("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
    element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)));
}
function legend(...entries) {
  return element("ul", {class: "legend"}, entries.map(([tone, words]) => element("li", {}, state(tone, words))));
}
// Tables of many cells are made when they are opened.
function behind(words, make) {
  const made = element("details", {}, element("summary", {}, words));
  made.addEventListener("toggle", () => { if (made.open && made.children.length === 1) made.append(make()); });
  return made;
}
function chart(id, label) {
  // The label and the table stand for the marks of the drawing.
  return element("div", {role: "img", "aria-label": label},
    element("div", {class: "chart", id: `${id}-chart`, "aria-hidden": "true"}));
}

function card(title, value, tone, ...lines) {
  return element("div", {class: "card", tone}, element("h2", {}, title), element("p", {class: "value"}, value),
    lines.flat().filter(Boolean).map(line => typeof line === "string" ? element("p", {}, line) : line));
}
function lastRun() {
  const run = runs.at(-1);
  if (!run) return card("Last run", "none yet", "line");
  const {s, all} = tally(run), hectares = cleared(run);
  return card("Last run", all ? `${s} of ${count(all, "region")}` : "regions unknown", run.outcome,
    element("p", {}, state(run.outcome, run.outcome), ": ", runLink(run)), `${day(run.started_at)}, took ${runDuration(run)}`,
    hectares === null ? "Cleared land: unknown" : `Cleared land found: ${area(hectares)}`);
}
function thisMonth() {
  const month = data.published_at.slice(0, 7);
  const found = data.months.find(each => each.month === month);
  const budget = data.budget_usd === null ? null : Number(data.budget_usd);
  const title = `Cost of the runs in ${monthName(month, "long")}`;
  if (!found) return card(title, "no run yet", "line", budget === null ? "Budget: unknown" : `Budget: ${dollars(data.budget_usd)} a month`);
  const share = budget && found.cost_usd !== null ? Number(found.cost_usd) / budget : null;
  const tone = share === null ? "line" : share > 1 ? "failed" : share > 0.8 ? "partial" : "succeeded";
  const missing = found.unknown ? `, and ${found.unknown} of unknown cost` : "";
  return card(title, found.cost_usd === null ? "unknown" : monthCost(found), tone,
    share === null ? null : element("div", {class: "bar", "aria-hidden": "true"},
      element("span", {tone, width: `${Math.min(100, share * 100)}%`})),
    share === null ? "Share of the budget: unknown" :
      `${share < 0.01 ? "less than 1" : Math.round(share * 100)} % of the month’s budget of ${dollars(data.budget_usd)}`,
    `${count(found.executions - found.unknown, "run")}${missing}`);
}
function nextRun() {
  if (data.schedule === null) return card("Next run", "unknown", "line", "The schedule could not be read.");
  if (!data.schedule.is_enabled) return card("Next run", "none", "partial", "The schedule is off: no run starts by itself.");
  const coming = data.schedule.starts.filter(start => new Date(start) > Date.now());
  if (!coming.length) return card("Next run", "unknown", "line", "The starts known at publication have passed.");
  return card("Next run", day(coming[0]), "accent", `${minute(coming[0])}, ${countdown(coming[0])}`,
    coming.length > 1 ? `Then: ${coming.slice(1).map(shortDay).join(", ")}` : null);
}
function plainName(name) {
  return name.replace(`${data.project}-`, "").replace(new RegExp(`-${data.environment.replace(/\W/g, "\\$&")}$`), "").replaceAll("-", " ");
}
function alarmStates() {
  if (data.alarms === null) return card("Alarms", "unknown", "line", "They could not be read.");
  const off = data.alarms.filter(alarm => alarm.state === "ALARM");
  const waiting = data.alarms.filter(alarm => alarm.state === "INSUFFICIENT_DATA").length;
  if (!data.alarms.length) return card("Alarms", "none", "partial", "No alarm watches this pipeline.");
  return card("Alarms", off.length ? `${off.length} in alarm` : "all quiet", off.length ? "failed" : "succeeded",
    off.slice(0, 2).map(alarm => plainName(alarm.name)),
    `${count(data.alarms.length, "alarm")}${waiting ? `, ${waiting} without data yet` : ""}`);
}

function showRanking() {
  const {regions, runs: counted} = data.ranking;
  const failing = regions.filter(region => region.failed > 0);
  const over = counted === 1 ? "the only run with results" : `the last ${count(counted, "run")} with results`;
  if (!counted) return place("ranking", element("p", {}, "No run has reported its regions yet."));
  if (!failing.length) return place("ranking", element("p", {}, `No region failed in ${over}.`));
  const worst = Math.max(...failing.map(region => region.failed / region.runs));
  place("ranking",
    element("ol", {class: "ranking"}, failing.slice(0, RANKED).map(region => element("li", {},
      element("span", {class: "name"}, region.region),
      element("span", {class: "bar", "aria-hidden": "true"},
        element("span", {width: `${100 * region.failed / region.runs / worst}%`})),
      element("span", {class: "count"}, `${region.failed} of ${count(region.runs, "run")}`)))),
    element("p", {class: "note"}, `Failures in ${over}. ${failing.length > RANKED ?
      `${failing.length - RANKED} more regions failed; ` : ""}${regions.length - failing.length} of ${count(regions.length, "region")} never failed.`),
    behind("All regions as a table", () => table("Failures of each region",
      [["region", ""], ["failed", "number"], ["runs", "number"], ["last failure", ""]],
      regions.map(region => [region.region, String(region.failed), String(region.runs), region.last_failed || "never"]))));
}
function showCalendar() {
  place("calendar", chart("calendar", "The outcome of the runs of each day of the last twelve months; the list of runs below has the same facts."),
    legend(["succeeded", "succeeded"], ["partial", "some regions failed"], ["failed", "failed"], ["empty", "no run"]));
}
function showRegions() {
  place("regions", chart("regions", "The outcome of each region in each run; the table below has the same facts."),
    legend(["succeeded-pale", "succeeded"], ["failed", "failed"], ["skipped", "skipped"], ["empty", "not part of the run, or unknown"]),
    behind("Regions by run as a table", () => table("The outcome of each region in each run",
      [["run", ""], ...names.map(name => [name, ""])],
      [...runs].reverse().map(run => [run.run_id, ...names.map((_, index) => LETTERS[letter(run, index)])]))));
}
function showHectares() {
  if (!runs.some(run => cleared(run) !== null)) {
    return place("hectares", element("p", {}, "The results of this pipeline’s program have no hectares."));
  }
  place("hectares", chart("hectares", "The cleared hectares of each region in each run; the table below has the same facts."),
    legend(["empty", "unknown: the region has no result in that run"]),
    behind("Cleared hectares as a table", () => table("The cleared hectares of each region in each run",
      [["run", ""], ["all regions", "number"], ...names.map(name => [name, "number"])],
      [...runs].reverse().map(run => [run.run_id, cleared(run) === null ? null : area(cleared(run)),
        ...names.map((_, index) => run.hectares && typeof run.hectares[index] === "number" ? area(run.hectares[index]) : null)]))));
}
function showTrends() {
  const longest = Math.max(0, ...runs.map(run => run.duration_seconds));
  place("duration", chart("duration", "The duration of each run below the timeout; the list of runs has the same facts."),
    element("p", {class: "note"}, `A run is ended after ${duration(data.timeout_seconds)}, its timeout. The longest run took ` +
      `${duration(longest)}: ${Math.max(1, Math.round(100 * longest / data.timeout_seconds))} % of that. The scale is logarithmic.`));
  const missing = runs.filter(run => run.cost_usd === null).length;
  const bounded = runs.filter(run => run.cost_usd !== null && run.cost_is_at_most).length;
  place("cost", chart("cost", "The cost of each run; the list of runs has the same facts."),
    element("p", {class: "note"}, `Estimated from prices and usage.${missing ? ` ${count(missing, "run")} of unknown cost: “?”.` : ""}` +
      `${bounded ? ` ${count(bounded, "run")} ended early and cost at most what the bar shows.` : ""}`));
  place("months", chart("months", "The cost of the runs of each month below the budget; the table below has the same facts."),
    element("p", {class: "note"}, "The bars are the runs alone; the budget counts all of the stack, such as logs, alarms and keys."),
    behind("Cost of each month as a table", () => table("The cost of each month",
      [["month", ""], ["known cost", "number"], ["starts", "number"], ["of unknown cost", "number"]],
      [...data.months].reverse().map(month => [month.month, month.cost_usd === null ? null : monthCost(month),
        String(month.executions), String(month.unknown)]))));
}
function showAlarms() {
  if (data.alarms === null) return place("alarms", element("p", {}, "Unknown: the alarms could not be read at publication."));
  const TONES = {ALARM: ["failed", "in alarm"], OK: ["succeeded", "quiet"], INSUFFICIENT_DATA: ["skipped", "no data yet"]};
  place("alarms", element("p", {class: "note"}, `As of ${minute(data.published_at)}.`),
    table("The states of the alarms", [["alarm", ""], ["state", ""], ["since", ""]], data.alarms.map(alarm =>
      [element("span", {}, alarm.name, element("span", {class: "note"}, alarm.description)), state(...TONES[alarm.state]), element("span", {class: "state"}, minute(alarm.since))])));
}
function showRuns(all) {
  const listed = [...runs].reverse().slice(0, all ? runs.length : LISTED);
  const hidden = runs.length - listed.length;
  const more = hidden ? element("button", {type: "button"}, `Show ${count(hidden, "older run")}`) : null;
  if (more) more.addEventListener("click", () => { showRuns(true); document.querySelector("#runs .scroll").focus(); });
  place("runs", runs.length ? table("The runs, the newest first",
    [["run", ""], ["outcome", ""], ["started", ""], ["duration", "number"], ["regions done", "number"], ["cleared", "number"], ["cost", "number"]],
    listed.map(run => {
      const {s, all: planned} = tally(run), hectares = cleared(run);
      return [runLink(run), state(run.outcome, run.ended ? `${run.outcome}: ${String(run.ended).replace("_", " ")}` : run.outcome),
        minute(run.started_at), runDuration(run), planned ? `${s} of ${planned}` : null,
        hectares === null ? null : area(hectares), run.cost_usd === null ? null : runCost(run)];
    })) : element("p", {}, "There is no run yet."), more,
    runs.some(run => reports(run)) ? element("p", {class: "note"}, "The name of a run is a link to its reports." +
      (isBesideReports || !data.reports_access ? "" : ` The link ${data.reports_access}.`)) : null);
}
function monthName(month, length = "short") {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en-GB", {month: length, year: "numeric", timeZone: "UTC"});
}

const title = `All runs of ${data.project} ${data.environment}`;
document.title = title;
place("title", title);
place("published", `As of ${minute(data.published_at)}`);
place("cards", lastRun(), thisMonth(), nextRun(), alarmStates());
showRanking();
showCalendar();
if (runs.length) {
  showRegions();
  showHectares();
  showTrends();
} else {
  for (const id of ["regions", "duration", "cost", "months", "hectares"]) place(id, element("p", {}, "There is no run yet."));
}
showAlarms();
showRuns(false);
window.dashboard = {data, runs, names, letter, LETTERS, monthName};

// The figures of the last minute.

import { bars } from "./bars.js";

// What only looks is no work, and has one row for all of it: the page looks itself.
const LOOKS = new Set(["health", "list_models", "get_model_status", "get_gpu_status", "get_gpu_memory"]);
const SMOOTHED = 3;

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const at = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const drawTokens = bars(at("tokens-bars"));
const drawRequests = bars(at("requests-bars"));

const work = (told) => Object.entries(told.operations).filter(([name]) => !LOOKS.has(name));
const failedOf = (statuses) => sum(Object.entries(statuses).map(([status, n]) => (status.startsWith("2") ? 0 : n)));

export const inFlight = (told) => sum(Object.entries(told.in_flight).map(([name, n]) => (LOOKS.has(name) ? 0 : n)));

/** A value that changes when work was done, or is a minute ago. */
export const workSoFar = (told) => JSON.stringify(work(told).map(([name, { statuses }]) => [name, statuses]));

export function showTraffic(told) {
  const operations = work(told);
  const requests = told.tokens.map((_, second) => sum(operations.map(([, { requests }]) => requests[second])));
  const failed = sum(operations.map(([, { statuses }]) => failedOf(statuses)));
  // The running second is not whole yet.
  const lately = sum(told.tokens.slice(-1 - SMOOTHED, -1)) / SMOOTHED;

  at("tokens-now").textContent = lately >= 10 || lately === 0 ? Math.round(lately) : lately.toFixed(1);
  at("tokens-sum").textContent = number.format(sum(told.tokens));
  at("requests-sum").textContent = number.format(sum(requests));
  at("requests-open").textContent = inFlight(told);
  at("requests-failed").textContent = failed;
  at("requests-failed").classList.toggle("bad", failed > 0);
  at("memory-now").textContent = told.memory === null ? "–" : `${(told.memory / 2 ** 30).toFixed(2)} GiB`;
  drawTokens(told.tokens);
  drawRequests(requests);
  showOperations(told);
}

function showOperations({ operations, in_flight: open }) {
  const names = [...new Set([...Object.keys(open), ...Object.keys(operations)])].sort();
  const working = names.filter((name) => !LOOKS.has(name));
  const looking = names.filter((name) => LOOKS.has(name));
  const counts = (name) => {
    const statuses = operations[name]?.statuses ?? {};
    const failed = failedOf(statuses);
    return [open[name] ?? 0, sum(Object.values(statuses)) - failed, failed];
  };
  const rows = working.map((name) => row(name.replaceAll("_", " "), counts(name)));
  const looks = looking.map(counts).reduce((all, one) => all.map((n, index) => n + one[index]), [0, 0, 0]);
  if (looking.length) rows.push(row("health and status", looks));
  at("operations").replaceChildren(...rows);
  at("operations-none").hidden = rows.length > 0;
}

function row(name, counts) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = name;
  line.append(head, ...counts.map(cell));
  line.lastChild.classList.toggle("bad", counts.at(-1) > 0);
  return line;
}

function cell(value) {
  const made = document.createElement("td");
  made.textContent = value || "·";
  return made;
}

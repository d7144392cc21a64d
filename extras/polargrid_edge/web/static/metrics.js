// The metrics of the last minute.

import { barChart } from "./bar_chart.js";

// Requests for status share a row and do not count as work: the page itself sends them.
const STATUS_OPERATIONS = new Set(["health", "list_models", "get_model_status", "get_gpu_status", "get_gpu_memory"]);
const AVERAGE_SECONDS = 3;

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const element = (id) => document.getElementById(id);
const format = new Intl.NumberFormat("en");
const drawTokens = barChart(element("tokens-bars"));
const drawRequests = barChart(element("requests-bars"));

const workOperations = ({ operations }) => Object.entries(operations).filter(([name]) => !STATUS_OPERATIONS.has(name));
const countFailed = (statuses) => sum(Object.entries(statuses).map(([status, n]) => (status.startsWith("2") ? 0 : n)));

export const countInFlight = (metrics) =>
  sum(Object.entries(metrics.in_flight).map(([name, n]) => (STATUS_OPERATIONS.has(name) ? 0 : n)));

/** A value that changes when work finishes or leaves the window. */
export const workFingerprint = (metrics) =>
  JSON.stringify(workOperations(metrics).map(([name, { statuses }]) => [name, statuses]));

export function showMetrics(metrics) {
  const operations = workOperations(metrics);
  const requests = metrics.tokens.map((_, second) => sum(operations.map(([, { requests }]) => requests[second])));
  const failed = sum(operations.map(([, { statuses }]) => countFailed(statuses)));
  // Without the current second, which is incomplete.
  const rate = sum(metrics.tokens.slice(-1 - AVERAGE_SECONDS, -1)) / AVERAGE_SECONDS;

  element("tokens-now").textContent = rate >= 10 || rate === 0 ? Math.round(rate) : rate.toFixed(1);
  element("tokens-sum").textContent = format.format(sum(metrics.tokens));
  element("requests-sum").textContent = format.format(sum(requests));
  element("requests-active").textContent = countInFlight(metrics);
  element("requests-failed").textContent = failed;
  element("requests-failed").classList.toggle("bad", failed > 0);
  element("memory-now").textContent = metrics.memory === null ? "–" : `${(metrics.memory / 2 ** 30).toFixed(2)} GiB`;
  drawTokens(metrics.tokens);
  drawRequests(requests);
  showOperations(metrics);
}

function showOperations({ operations, in_flight: inFlight }) {
  const names = [...new Set([...Object.keys(inFlight), ...Object.keys(operations)])].sort();
  const workNames = names.filter((name) => !STATUS_OPERATIONS.has(name));
  const statusNames = names.filter((name) => STATUS_OPERATIONS.has(name));
  const counts = (name) => {
    const statuses = operations[name]?.statuses ?? {};
    const failed = countFailed(statuses);
    return [inFlight[name] ?? 0, sum(Object.values(statuses)) - failed, failed];
  };
  const rows = workNames.map((name) => createRow(name.replaceAll("_", " "), counts(name)));
  const totals = statusNames.map(counts).reduce((total, row) => total.map((n, index) => n + row[index]), [0, 0, 0]);
  if (statusNames.length) rows.push(createRow("health and status", totals));
  element("operations").replaceChildren(...rows);
  element("operations-none").hidden = rows.length > 0;
}

function createRow(name, counts) {
  const row = document.createElement("tr");
  const header = document.createElement("th");
  header.scope = "row";
  header.textContent = name;
  row.append(header, ...counts.map(createCell));
  row.lastChild.classList.toggle("bad", counts.at(-1) > 0);
  return row;
}

function createCell(value) {
  const cell = document.createElement("td");
  cell.textContent = value || "·";
  return cell;
}

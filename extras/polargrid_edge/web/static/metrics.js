// The metrics of the last minute, and the memory of the edge. What the page itself reads is not in them.

import { barChart } from "./bar_chart.js";
import { create } from "./elements.js";
import { format, text } from "./strings.js";

const AVERAGE_SECONDS = 3;

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const element = (id) => document.getElementById(id);
const drawTokens = barChart(element("tokens-bars"));
const drawRequests = barChart(element("requests-bars"));

const countFailed = (statuses) => sum(Object.entries(statuses).map(([status, n]) => (status.startsWith("2") ? 0 : n)));

export function showMetrics(metrics) {
  const operations = Object.values(metrics.operations);
  const requests = metrics.tokens.map((_, second) => sum(operations.map(({ requests: counts }) => counts[second])));
  const failed = sum(operations.map(({ statuses }) => countFailed(statuses)));
  // Without the current second, which is incomplete.
  const rate = sum(metrics.tokens.slice(-1 - AVERAGE_SECONDS, -1)) / AVERAGE_SECONDS;
  const inFlight = sum(Object.values(metrics.in_flight));

  element("tokens-now").textContent = format(Number(rate.toFixed(rate >= 10 ? 0 : 1)));
  element("tokens-sum").textContent = text("metrics.sum", { number: sum(metrics.tokens) });
  element("requests-sum").textContent = format(sum(requests));
  element("requests-note").textContent = text("metrics.requests.note", { inFlight, failed });
  element("requests-note").classList.toggle("bad", failed > 0);
  drawTokens(metrics.tokens);
  drawRequests(requests);
  showOperations(metrics);
  showMemory(metrics);
}

function showOperations({ operations, in_flight: inFlight }) {
  const names = [...new Set([...Object.keys(inFlight), ...Object.keys(operations)])].sort();
  const rows = names.map((name) => {
    const statuses = operations[name]?.statuses ?? {};
    const failed = countFailed(statuses);
    return createRow(name.replaceAll("_", " "), [inFlight[name] ?? 0, sum(Object.values(statuses)) - failed, failed]);
  });
  element("operations").replaceChildren(...rows);
  element("operations-table").hidden = rows.length === 0;
  element("operations-none").hidden = rows.length > 0;
}

function createRow(name, counts) {
  const cells = counts.map((value) => create("td", {}, value ? format(value) : "·"));
  cells.at(-1).classList.toggle("bad", counts.at(-1) > 0);
  return create("tr", {}, create("th", { scope: "row" }, name), ...cells);
}

function showMemory({ memory, gpus }) {
  element("memory-now").textContent = memory === null ? "–" : `${format(Number((memory / 2 ** 30).toFixed(2)))} GiB`;
  element("memory-note").textContent = text(gpus.length ? "metrics.memory.gpu" : "metrics.memory.cpu");
  const meters = gpus.map(({ used_gb: used, total_gb: total }, index) =>
    create("label", {}, text("metrics.gpu", { index, used, total }), create("meter", { max: total, value: used })),
  );
  element("memory-gpus").replaceChildren(...meters);
}

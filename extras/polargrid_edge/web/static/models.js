// The models of the edge: their states, and buttons to load and unload them.

import { errorMessage, requestJson } from "./api.js";

const list = document.querySelector("#models-list");
const note = document.querySelector("#models-note");
const choice = document.querySelector("#chat-model");
const rows = new Map();
const busy = new Set();
let activeRefresh = null;

export async function initModels() {
  const { data: names } = await requestJson("/v1/models");
  const data = names.filter((model) => model.id === model.root); // the others stand for one of these
  rows.clear();
  list.replaceChildren(...data.map(createRow));
  const selected = choice.value;
  const chatModels = data.filter((model) => model.pg_model_type === "chat");
  choice.replaceChildren(...chatModels.map((model) => new Option(model.id)));
  // The default chat model has the largest number of names.
  const fallback = chatModels.toSorted((a, b) => b.pg_aliases.length - a.pg_aliases.length)[0];
  choice.value = chatModels.some((model) => model.id === selected) ? selected : (fallback?.id ?? "");
  await refreshModels();
}

/** Refresh states and memory; concurrent calls share a refresh. An error also ends the stream of metrics. */
export function refreshModels() {
  activeRefresh ??= Promise.all([refreshStates(), refreshMemory()])
    .catch((error) => (note.textContent = errorMessage(error)))
    .finally(() => (activeRefresh = null));
  return activeRefresh;
}

async function refreshStates() {
  const { loading_status: states } = await requestJson("/v1/models/status");
  for (const [id, row] of rows) row.show(busy.has(id) && states[id] === "unloaded" ? "loading" : states[id]);
}

async function refreshMemory() {
  const { memory } = await requestJson("/v1/gpu/memory");
  const meters = memory.map(({ used_gb: used, total_gb: total }, index) => {
    const meter = document.createElement("meter");
    Object.assign(meter, { max: total, value: used });
    const label = document.createElement("label");
    label.append(`GPU ${index}: ${used} of ${total} GB`, meter);
    return label;
  });
  document.querySelector("#memory-gpus").replaceChildren(...meters);
  document.querySelector("#memory-note").textContent = memory.length
    ? "used by the edge's process, and by its GPUs"
    : "used by the edge's process; this machine has no GPU";
}

function createRow(model) {
  const row = document.createElement("li");
  const tags = ["strong", "small", "span", "button"];
  const [name, facts, label, button] = tags.map((tag) => document.createElement(tag));
  name.textContent = model.id;
  facts.textContent = [model.pg_model_type.replaceAll("-", " "), `${Math.round(model.pg_parameters / 1e6)} M`].join(", ");
  facts.title = `Names: ${[model.id, ...model.pg_aliases].join(", ")}`;
  label.className = "state";
  button.type = "button";
  button.className = "quiet";
  button.addEventListener("click", () => runAction(model.id, button.value));
  row.append(name, facts, label, button);
  rows.set(model.id, { show: (state) => showState(row, label, button, model.id, state) });
  return row;
}

function showState(row, label, button, id, state) {
  row.dataset.state = label.textContent = state;
  button.value = state === "loaded" ? "unload" : "load";
  button.textContent = state === "loaded" ? "Unload" : "Load";
  button.setAttribute("aria-label", `${button.textContent} ${id}`);
  // Not `disabled`, which would move the keyboard focus.
  button.setAttribute("aria-disabled", busy.has(id) || state === "loading");
}

async function runAction(id, action) {
  if (busy.has(id)) return;
  busy.add(id);
  note.textContent = `${action === "load" ? "Loading" : "Unloading"} ${id}…`;
  refreshModels();
  try {
    const { message } = await requestJson(`/v1/models/${action}`, { json: { model_name: id } });
    note.textContent = `${id}: ${message}`;
  } catch (error) {
    note.textContent = errorMessage(error);
  }
  busy.delete(id);
  await activeRefresh; // it may have started before the action
  refreshModels();
}

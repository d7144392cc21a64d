// The models of the edge: what is loaded, and buttons to change that.

import { askJson, sentence } from "./api.js";

const list = document.querySelector("#models-list");
const note = document.querySelector("#models-note");
const choice = document.querySelector("#chat-model");
const rows = new Map();
const busy = new Set();
let looking = null;

export async function startModels() {
  const { data } = await askJson("/v1/models");
  rows.clear();
  list.replaceChildren(...data.map(rowOf));
  const chosen = choice.value;
  const chats = data.filter((model) => model.pg_model_type === "chat");
  choice.replaceChildren(...chats.map((model) => new Option(model.id)));
  // The default chat model stands in for others, so that it has the most names.
  const usual = chats.toSorted((one, other) => other.pg_aliases.length - one.pg_aliases.length)[0];
  choice.value = chats.some((model) => model.id === chosen) ? chosen : (usual?.id ?? "");
  await refreshModels();
}

/** Asks what is loaded, once at a time. A failure shows where the stream of figures breaks, too. */
export function refreshModels() {
  looking ??= Promise.all([showStates(), showMemory()])
    .catch((failure) => (note.textContent = sentence(failure)))
    .finally(() => (looking = null));
  return looking;
}

async function showStates() {
  const { loading_status: states } = await askJson("/v1/models/status");
  for (const [id, row] of rows) row.show(busy.has(id) && states[id] === "unloaded" ? "loading" : states[id]);
}

async function showMemory() {
  const { memory } = await askJson("/v1/gpu/memory");
  const meters = memory.map(({ used_gb: used, total_gb: total }, index) => {
    const meter = document.createElement("meter");
    Object.assign(meter, { max: total, value: used });
    const label = document.createElement("label");
    label.append(`GPU ${index}: ${used} of ${total} GB`, meter);
    return label;
  });
  document.querySelector("#memory-gpus").replaceChildren(...meters);
  document.querySelector("#memory-note").textContent = memory.length
    ? "of the edge's process, beside its GPUs"
    : "of the edge's process; no GPU here";
}

function rowOf(model) {
  const row = document.createElement("li");
  const [name, about, state, button] = ["strong", "small", "span", "button"].map((tag) => document.createElement(tag));
  name.textContent = model.id;
  about.textContent = [model.pg_model_type.replaceAll("-", " "), `${Math.round(model.pg_parameters / 1e6)} M`].join(", ");
  about.title = `Answers to ${[model.id, ...model.pg_aliases].join(", ")}`;
  state.className = "state";
  button.type = "button";
  button.className = "quiet";
  button.addEventListener("click", () => change(model.id, button.value));
  row.append(name, about, state, button);
  rows.set(model.id, { show: (told) => showState(row, state, button, model.id, told) });
  return row;
}

function showState(row, state, button, id, told) {
  row.dataset.state = state.textContent = told;
  button.value = told === "loaded" ? "unload" : "load";
  button.textContent = told === "loaded" ? "Unload" : "Load";
  button.setAttribute("aria-label", `${button.textContent} ${id}`);
  // Not `disabled`: who uses the keyboard would lose the place.
  button.setAttribute("aria-disabled", busy.has(id) || told === "loading");
}

async function change(id, action) {
  if (busy.has(id)) return;
  busy.add(id);
  note.textContent = `${action === "load" ? "Loading" : "Unloading"} ${id}…`;
  refreshModels();
  try {
    const { message } = await askJson(`/v1/models/${action}`, { json: { model_name: id } });
    note.textContent = `${id}: ${message}`;
  } catch (failure) {
    note.textContent = sentence(failure);
  }
  busy.delete(id);
  await looking; // it may have begun before the change
  refreshModels();
}

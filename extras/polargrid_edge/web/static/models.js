// The models of the edge: their states, and buttons to load and unload them.

import { errorMessage, requestJson } from "./api.js";
import { create, createButton } from "./elements.js";
import { format, text } from "./strings.js";

const list = document.querySelector("#models-list");
const note = document.querySelector("#models-note");
const choice = document.querySelector("#chat-model");
const rows = new Map();
const busy = new Map(); // the model by id: what is being done

/** Show the models of the API; names that stand for another model are in the title of that one. */
export function showModels(names) {
  const models = names.filter((model) => model.id === model.root);
  rows.clear();
  list.replaceChildren(...models.map(createRow));
  const selected = choice.value;
  const chatModels = models.filter((model) => model.pg_model_type === "chat");
  choice.replaceChildren(...chatModels.map((model) => new Option(model.id)));
  // The default chat model has the largest number of names.
  const [fallback] = chatModels.toSorted((a, b) => b.pg_aliases.length - a.pg_aliases.length);
  choice.value = chatModels.some((model) => model.id === selected) ? selected : (fallback?.id ?? "");
}

export function showStates(states) {
  for (const [id, row] of rows) {
    row.state = states[id];
    showState(row, id);
  }
}

function createRow(model) {
  const facts = [model.pg_model_type.replaceAll("-", " ")];
  if (model.pg_parameters) facts.push(text("models.parameters", { millions: Math.round(model.pg_parameters / 1e6) }));
  const small = create("small", { title: [model.id, ...model.pg_aliases].join(", ") }, facts.join(", "));
  const label = create("span", { class: "state" });
  const button = createButton("models.load", () => runAction(model.id, button.value), { needsEdge: true });
  const element = create("li", {}, create("strong", {}, model.id), small, label, button);
  rows.set(model.id, { element, label, button, state: "unloaded" });
  return element;
}

function showState({ element, label, button, state }, id) {
  const shown = busy.get(id) === "load" && state === "unloaded" ? "loading" : state;
  const action = shown === "loaded" ? "unload" : "load";
  element.dataset.state = shown;
  label.textContent = text(`models.${shown}`);
  button.value = action;
  button.textContent = text(`models.${action}`);
  button.setAttribute("aria-label", `${button.textContent} ${id}`);
  // Not `disabled`, which would move the keyboard focus.
  button.setAttribute("aria-disabled", busy.has(id) || shown === "loading");
}

async function runAction(id, action) {
  if (busy.has(id)) return;
  busy.set(id, action);
  note.textContent = text(`models.${action}.busy`, { id });
  const startTime = performance.now();
  showState(rows.get(id), id);
  try {
    await requestJson(`/v1/models/${action}`, { json: { model_name: id } });
    const seconds = format(Number(((performance.now() - startTime) / 1000).toFixed(1)));
    note.textContent = text(`models.${action}.done`, { id, seconds });
    if (rows.has(id)) rows.get(id).state = action === "load" ? "loaded" : "unloaded"; // the next event may differ
  } catch (error) {
    note.textContent = errorMessage(error);
  }
  busy.delete(id);
  if (rows.has(id)) showState(rows.get(id), id);
}

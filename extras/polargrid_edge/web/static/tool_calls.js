// The tool calls of a message, and fields for their results: the user is the program that runs the tools.

import { create, createButton } from "./elements.js";
import { text } from "./strings.js";

/** Elements for the calls of a message; open ones have a field for each result, and `onResults` sends all of them. */
export function createCalls(message, { isOpen, onResults }) {
  const calls = message.tool_calls ?? [];
  if (!calls.length) return [];
  const views = calls.map((call) => createCall(call, message, isOpen));
  if (!isOpen) return views;
  const send = createButton("calls.send", () => onResults(listResults(message)), { needsEdge: true });
  return [...views, create("div", { class: "message-actions" }, send)];
}

function createCall(call, message, isOpen) {
  const title = create("summary", {}, `${text("calls.title")} `, create("code", {}, call.function.name));
  const args = create("pre", { tabindex: 0, role: "group", "aria-label": text("calls.arguments") });
  args.textContent = prettify(call.function.arguments);
  const view = create("details", { class: "call", open: true }, title, args);
  if (isOpen) view.append(createResultField(call, message));
  return view;
}

function createResultField(call, message) {
  const area = create("textarea", { rows: 2 });
  area.value = message.results?.[call.id] ?? "";
  area.addEventListener("input", () => {
    message.results = { ...message.results, [call.id]: area.value };
    area.dispatchEvent(new CustomEvent("conversationchange", { bubbles: true }));
  });
  return create("label", {}, text("calls.result", { name: call.function.name }), area);
}

/** The messages with the results; a model needs one for each call. */
function listResults({ tool_calls: calls, results = {} }) {
  return calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: results[id] ?? "" }));
}

function prettify(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // a call that is cut, or still streams in
  }
}

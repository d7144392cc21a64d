// A conversation as a request of the API, and the response as it streams in.

import { ApiError, iterEvents, request } from "./api.js";
import { text } from "./strings.js";

/** The body of the request. With `isContinued` the model is asked to go on with its last message. */
export function buildBody({ model, system, settings, messages }, { isContinued = false } = {}) {
  const sent = messages.filter(hasContent).map(toApiMessage);
  if (system.trim()) sent.unshift({ role: "system", content: system });
  if (isContinued) sent.push({ role: "user", content: text("chat.continue.prompt") });
  return { model, messages: sent, ...settings };
}

/** Whether the API accepts a message: a response that failed at once has nothing in it. */
const hasContent = ({ role, content, tool_calls: calls }) => role !== "assistant" || content || calls?.length;

function toApiMessage({ role, content, tool_calls: calls, tool_call_id: id }) {
  if (role === "tool") return { role, tool_call_id: id, content };
  return calls?.length ? { role, content: content || null, tool_calls: calls } : { role, content };
}

/**
 * Stream a response into a message, which gets its text, tool calls and finish_reason; `onChange` is called for each.
 * Returns the number of tokens and the times in milliseconds. Throws an Error for a stream that ends early.
 */
export async function streamInto(message, body, { signal, onChange }) {
  const startTime = performance.now();
  const json = { ...body, stream: true, stream_options: { include_usage: true } };
  let firstTime, tokens, done;
  for await (const data of iterEvents(await request("/v1/chat/completions", { json, signal }))) {
    if ((done = data === "[DONE]")) break;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new ApiError(200, chunk.error);
    tokens = chunk.usage?.completion_tokens ?? tokens;
    const choice = chunk.choices[0];
    if (!choice) continue;
    addDelta(message, choice.delta ?? {});
    if (choice.finish_reason) message.finish_reason = choice.finish_reason;
    if (message.content || message.tool_calls) firstTime ??= performance.now();
    onChange();
  }
  if (!done) throw new Error(text("error.cut"));
  const endTime = performance.now();
  return { tokens, wait: (firstTime ?? endTime) - startTime, generation: endTime - (firstTime ?? startTime) };
}

function addDelta(message, { content, refusal, tool_calls: calls }) {
  message.content += (content ?? "") + (refusal ?? "");
  for (const { index, id, function: part } of calls ?? []) {
    message.tool_calls ??= [];
    const call = (message.tool_calls[index] ??= { id: "", type: "function", function: { name: "", arguments: "" } });
    call.id ||= id ?? "";
    call.function.name += part?.name ?? "";
    call.function.arguments += part?.arguments ?? "";
  }
}

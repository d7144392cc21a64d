// A chat with a model; the response streams into the log.

import { ApiError, errorMessage, iterEvents, request } from "./api.js";

const log = document.querySelector("#chat-log");
const prompt = document.querySelector("#chat-prompt");
const note = document.querySelector("#chat-note");
const form = document.querySelector("#chat-form");
const send = document.querySelector("#chat-send");
const stop = document.querySelector("#chat-stop");
let messages = [];
let activeRequest = null;

export function initChat() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!activeRequest && prompt.value.trim()) sendMessage(prompt.value.trim());
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  stop.addEventListener("click", () => activeRequest?.abort());
  document.querySelector("#chat-clear").addEventListener("click", () => {
    activeRequest?.abort();
    messages = [];
    log.replaceChildren();
    note.textContent = "";
    prompt.focus();
  });
}

async function sendMessage(question) {
  const controller = (activeRequest = new AbortController());
  const conversation = messages;
  conversation.push({ role: "user", content: question });
  addToLog("user", question);
  const output = addToLog("assistant", "");
  showRunning(true);
  prompt.value = "";
  note.textContent = "Waiting for the first token…";
  let response = "";
  try {
    note.textContent = await streamResponse(conversation, controller.signal, (text) => {
      if (!response) note.textContent = "Generating…";
      response += text;
      updateText(output, response);
    });
  } catch (error) {
    note.textContent = errorMessage(error) || (messages === conversation ? "Stopped." : "");
  }
  if (response) conversation.push({ role: "assistant", content: response });
  else {
    conversation.pop(); // the user may send a message without a response again
    output.closest("li").remove();
  }
  activeRequest = null;
  showRunning(false);
}

/** Stream the response to the conversation; returns a sentence on its speed. */
async function streamResponse(conversation, signal, onText) {
  const startTime = performance.now();
  const model = document.querySelector("#chat-model").value;
  const json = { model, messages: conversation, stream: true, stream_options: { include_usage: true } };
  let firstTime, tokens, done;
  for await (const data of iterEvents(await request("/v1/chat/completions", { json, signal }))) {
    if ((done = data === "[DONE]")) break;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new ApiError(200, chunk.error);
    tokens = chunk.usage?.completion_tokens ?? tokens;
    const text = chunk.choices[0]?.delta.content;
    if (!text) continue;
    firstTime ??= performance.now();
    onText(text);
  }
  if (!done) throw new Error("The response ended early.");
  const endTime = performance.now();
  return speedSummary(tokens, (firstTime ?? endTime) - startTime, endTime - (firstTime ?? startTime));
}

function speedSummary(tokens, wait, generation) {
  const rate = tokens > 1 ? `, then ${((tokens - 1) / (generation / 1000)).toFixed(1)} per second` : "";
  return `${tokens} tokens: the first after ${(wait / 1000).toFixed(1)} s${rate}.`;
}

function addToLog(role, text) {
  const item = document.createElement("li");
  const author = document.createElement("span");
  const content = document.createElement("p");
  item.className = role;
  author.textContent = role === "user" ? "You" : document.querySelector("#chat-model").value;
  content.textContent = text;
  item.append(author, content);
  log.append(item);
  log.scrollTop = log.scrollHeight;
  return content;
}

function updateText(element, text) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40; // otherwise the user reads further up
  element.textContent = text;
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

function showRunning(isRunning) {
  const hasFocus = document.activeElement === (isRunning ? send : stop);
  send.hidden = isRunning;
  stop.hidden = !isRunning;
  log.setAttribute("aria-busy", isRunning);
  if (hasFocus) (isRunning ? stop : prompt).focus();
}

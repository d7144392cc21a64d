// A chat with one of the models; the answer is shown as it comes.

import { ApiError, ask, events, sentence } from "./api.js";

const log = document.querySelector("#chat-log");
const prompt = document.querySelector("#chat-prompt");
const note = document.querySelector("#chat-note");
const form = document.querySelector("#chat-form");
const send = document.querySelector("#chat-send");
const stop = document.querySelector("#chat-stop");
let messages = [];
let running = null;

export function startChat() {
  form.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    if (!running && prompt.value.trim()) answer(prompt.value.trim());
  });
  prompt.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
    pressed.preventDefault();
    form.requestSubmit();
  });
  stop.addEventListener("click", () => running?.abort());
  document.querySelector("#chat-clear").addEventListener("click", () => {
    running?.abort();
    messages = [];
    log.replaceChildren();
    note.textContent = "";
    prompt.focus();
  });
}

async function answer(asked) {
  const mine = (running = new AbortController());
  const conversation = messages;
  conversation.push({ role: "user", content: asked });
  line("user", asked);
  const shown = line("assistant", "");
  showRunning(true);
  prompt.value = "";
  note.textContent = "Waiting for the first token…";
  let said = "";
  try {
    const facts = await read(conversation, mine.signal, (text) => {
      if (!said) note.textContent = "Answering…";
      said += text;
      show(shown, said);
    });
    note.textContent = facts;
  } catch (failure) {
    note.textContent = sentence(failure) || (messages === conversation ? "Stopped." : "");
  }
  if (said) conversation.push({ role: "assistant", content: said });
  else {
    conversation.pop(); // what got no answer may be asked again
    shown.closest("li").remove();
  }
  running = null;
  showRunning(false);
}

/** Reads the answer to the conversation, and gives a sentence on how fast it came. */
async function read(conversation, signal, heard) {
  const began = performance.now();
  const model = document.querySelector("#chat-model").value;
  const json = { model, messages: conversation, stream: true, stream_options: { include_usage: true } };
  let first, tokens, done;
  for await (const data of events(await ask("/v1/chat/completions", { json, signal }))) {
    if ((done = data === "[DONE]")) break;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new ApiError(200, chunk.error);
    tokens = chunk.usage?.completion_tokens ?? tokens;
    const text = chunk.choices[0]?.delta.content;
    if (!text) continue;
    first ??= performance.now();
    heard(text);
  }
  if (!done) throw new Error("The answer broke off.");
  return facts(tokens, (first ?? performance.now()) - began, performance.now() - (first ?? began));
}

function facts(tokens, wait, generation) {
  const rate = tokens > 1 ? `, then ${((tokens - 1) / (generation / 1000)).toFixed(1)} a second` : "";
  return `${tokens} tokens: the first after ${(wait / 1000).toFixed(1)} s${rate}.`;
}

function line(role, text) {
  const item = document.createElement("li");
  const who = document.createElement("span");
  const words = document.createElement("p");
  item.className = role;
  who.textContent = role === "user" ? "You" : document.querySelector("#chat-model").value;
  words.textContent = text;
  item.append(who, words);
  log.append(item);
  log.scrollTop = log.scrollHeight;
  return words;
}

function show(words, text) {
  const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40; // else the user has scrolled up to read
  words.textContent = text;
  if (follows) log.scrollTop = log.scrollHeight;
}

function showRunning(on) {
  const focused = document.activeElement === (on ? send : stop);
  send.hidden = on;
  stop.hidden = !on;
  log.setAttribute("aria-busy", on);
  if (focused) (on ? stop : prompt).focus();
}

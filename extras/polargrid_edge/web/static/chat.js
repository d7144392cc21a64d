// A chat with a model: one response at a time, which streams into its conversation also while another one is shown.

import { errorMessage } from "./api.js";
import { buildBody, streamInto } from "./chat_request.js";
import { addConversation, currentConversation, save } from "./conversations.js";
import { showConversationBar } from "./conversation_bar.js";
import { copyText } from "./elements.js";
import { isAlive } from "./edge_state.js";
import { createMessageView } from "./message_view.js";
import { checkSettings, showSettings } from "./settings.js";
import { format, formatSeconds, text } from "./strings.js";

const log = document.querySelector("#chat-log");
const prompt = document.querySelector("#chat-prompt");
const note = document.querySelector("#chat-note");
const form = document.querySelector("#chat-form");
const send = document.querySelector("#chat-send");
const stop = document.querySelector("#chat-stop");
const model = document.querySelector("#chat-model");
let active = null; // the response in progress: its conversation, message and AbortController
let views = new Map(); // the views of the messages that are shown

export function initChat() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const content = prompt.value.trim();
    if (!content || !canSend()) return;
    const conversation = currentConversation();
    prompt.value = conversation.draft = "";
    respond(conversation, [{ role: "user", content }]);
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  prompt.addEventListener("input", () => {
    currentConversation().draft = prompt.value;
    save(currentConversation());
  });
  model.addEventListener("change", () => {
    currentConversation().model = model.value;
    save(currentConversation());
  });
  log.addEventListener("conversationchange", () => save(currentConversation()));
  log.addEventListener("click", ({ target }) => {
    if (target.matches(".copy-code")) copyText(target.closest(".code").querySelector("pre").textContent, target);
  });
  stop.addEventListener("click", () => stopResponse());
  followEnd();
  showConversation();
}

/** Stop the response in progress; its text stays. With a `conversation`, only a response of that one. */
export function stopResponse(conversation = active?.conversation) {
  if (active?.conversation === conversation) active?.controller.abort();
}

/** Show the selected conversation with its draft, its model and its settings. */
export function showConversation() {
  const conversation = currentConversation();
  if ([...model.options].some(({ value }) => value === conversation.model)) model.value = conversation.model;
  prompt.value = conversation.draft;
  note.textContent = "";
  views = new Map();
  log.replaceChildren();
  refresh(conversation);
  log.scrollTop = log.scrollHeight;
  showSettings(conversation);
  showConversationBar();
}

/** Send the last message of the user again, in place of the response to it. */
export function retry() {
  const conversation = currentConversation();
  const { messages } = conversation;
  if (!messages.length || !canSend()) return;
  while (messages.at(-1).role === "assistant") messages.pop();
  respond(conversation, []);
}

/** Whether a response can start; where not, the note says why. */
function canSend() {
  if (active) note.textContent = text("chat.busy");
  else if (!isAlive()) note.textContent = text("chat.dead");
  else return checkSettings();
  return false;
}

/** Add messages and stream the response to them, or go on with the last response. */
async function respond(conversation, messages, { continued = null } = {}) {
  conversation.messages.push(...messages);
  conversation.model = model.value;
  const body = buildBody(conversation, { isContinued: continued !== null });
  const message = continued ?? { role: "assistant", content: "", model: conversation.model };
  if (!continued) conversation.messages.push(message);
  delete message.error;
  delete message.finish_reason;
  const controller = new AbortController();
  active = { conversation, message, controller };
  showRunning(true);
  save(conversation);
  showConversationBar();
  refresh(conversation);
  log.scrollTop = log.scrollHeight;
  note.textContent = text("chat.waiting");
  try {
    const onChange = () => {
      if (note.textContent !== text("chat.generating")) note.textContent = text("chat.generating");
      save(conversation);
      refresh(conversation, message);
    };
    note.textContent = describeSpeed(await streamInto(message, body, { signal: controller.signal, onChange }));
  } catch (error) {
    message.finish_reason = controller.signal.aborted ? "stopped" : "error";
    message.error = errorMessage(error) || undefined;
    note.textContent = controller.signal.aborted ? text("chat.stopped") : "";
  }
  active = null;
  showRunning(false);
  save(conversation);
  refresh(conversation);
}

function describeSpeed({ tokens = 0, wait, generation }) {
  const seconds = formatSeconds(wait);
  if (tokens < 2) return text("chat.speed.short", { seconds });
  const rate = format(Number(((tokens - 1) / (generation / 1000)).toFixed(1)));
  return text("chat.speed", { tokens, seconds, rate });
}

/** Show what changed in a conversation, if it is the one that is shown; with a `message` only that one. */
function refresh(conversation, message) {
  if (conversation !== currentConversation()) return;
  const { messages } = conversation;
  for (const shown of message ? [message] : messages) {
    viewOf(shown).refresh({ isRunning: active?.message === shown, isLast: shown === messages.at(-1) && !active });
  }
  for (const [shown, view] of views) {
    if (messages.includes(shown)) continue;
    view.element.remove();
    views.delete(shown);
  }
}

/** Keep the end of the log in view while it grows, unless the user reads further up. */
function followEnd() {
  let isAtEnd = true;
  log.addEventListener("scroll", () => (isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40));
  const follow = () => isAtEnd && (log.scrollTop = log.scrollHeight);
  new MutationObserver(follow).observe(log, { childList: true, characterData: true, subtree: true });
}

function viewOf(message) {
  if (!views.has(message)) {
    const view = createMessageView(message, {
      onRetry: retry,
      onContinue: () => canSend() && respond(currentConversation(), [], { continued: message }),
      onEdit: (content) => canSend() && sendEdited(message, content),
      onResults: (results) => canSend() && respond(currentConversation(), results),
    });
    views.set(message, view);
    log.append(view.element);
  }
  return views.get(message);
}

/** Send a changed message. What followed it stays in the conversation before; the change gets a new one. */
function sendEdited(message, content) {
  const conversation = currentConversation();
  const index = conversation.messages.indexOf(message);
  const edited = addConversation({ ...conversation, messages: conversation.messages.slice(0, index) });
  showConversation();
  prompt.focus();
  respond(edited, [{ role: "user", content }]);
}

function showRunning(isRunning) {
  const hasFocus = document.activeElement === (isRunning ? send : stop);
  send.hidden = isRunning;
  stop.hidden = !isRunning;
  log.setAttribute("aria-busy", isRunning);
  if (hasFocus) (isRunning ? stop : prompt).focus();
}

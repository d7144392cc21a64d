// One message of a conversation: its author, its text, its tool calls, and what can be done with it.

import { copyText, create, createButton } from "./elements.js";
import { createMarkdown } from "./markdown.js";
import { text } from "./strings.js";
import { createCalls } from "./tool_calls.js";

const CONTINUED = ["length", "stopped", "error"]; // finish reasons of a text that has not come to its end

/**
 * Create the view of a message. `actions` has the functions onRetry, onContinue, onEdit(content) and onResults.
 * `refresh({ isRunning, isLast })` shows what has changed.
 */
export function createMessageView(message, actions) {
  const content = create("div", { class: "content" });
  const calls = create("div", { class: "calls" });
  const note = create("p", { class: "note" });
  const buttons = create("div", { class: "message-actions" });
  const element = create("li", { class: message.role }, create("span", { class: "author" }, authorOf(message)), content);
  const showMarkdown = message.role === "assistant" ? createMarkdown(content) : null;
  element.append(calls, note, buttons);
  let shown = null; // what the calls and the buttons show

  function refresh({ isRunning, isLast }) {
    if (showMarkdown) showMarkdown(message.content, !isRunning);
    else content.textContent = message.content;
    const state = JSON.stringify([isRunning, isLast, message.finish_reason, message.error, message.tool_calls]);
    if (state === shown) return;
    shown = state;
    note.textContent = describeEnd(message);
    note.classList.toggle("bad", Boolean(message.error));
    calls.replaceChildren(...createCalls(message, { isOpen: isLast && !isRunning, onResults: actions.onResults }));
    buttons.replaceChildren(...(isRunning ? [] : createActions(isLast)));
  }

  function createActions(isLast) {
    const created = [];
    const add = (key, onClick, needsEdge = false) => created.push(createButton(key, onClick, { needsEdge }));
    if (message.content) add("copy", ({ currentTarget }) => copyText(message.content, currentTarget));
    if (message.role === "user") add("chat.edit", edit);
    if (isLast && message.role !== "tool") add("chat.retry", actions.onRetry, true);
    const isOpenEnded = CONTINUED.includes(message.finish_reason) && message.content;
    if (isLast && isOpenEnded) add("chat.continue", actions.onContinue, true);
    return created;
  }

  function edit() {
    const area = create("textarea", { "aria-label": text("chat.edit.label"), rows: 3 });
    area.value = message.content;
    const close = () => {
      content.textContent = message.content;
      buttons.hidden = false;
      buttons.firstElementChild?.focus();
    };
    const send = createButton("chat.edit.send", () => area.value.trim() && actions.onEdit(area.value.trim()), {
      needsEdge: true,
    });
    const row = create("div", { class: "message-actions" }, send, createButton("cancel", close));
    area.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // it would also stop a response
      close();
    });
    content.replaceChildren(area, row);
    buttons.hidden = true;
    area.focus();
  }

  return { element, refresh };
}

function authorOf({ role, model }) {
  return role === "user" ? text("chat.you") : role === "tool" ? text("chat.tool") : (model ?? "");
}

function describeEnd({ error, finish_reason: reason }) {
  if (error) return error;
  if (reason === "length") return text("chat.end.length");
  return reason === "stopped" ? text("chat.end.stopped") : "";
}

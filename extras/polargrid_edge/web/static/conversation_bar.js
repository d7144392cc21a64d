// The choice between conversations, and what can be done with one: start, delete, export.

import { buildBody } from "./chat_request.js";
import * as conversations from "./conversations.js";
import { saveFile } from "./elements.js";
import { toMarkdown } from "./export.js";
import { language, text } from "./strings.js";

const choice = document.querySelector("#conversation");
const menu = document.querySelector(".menu");
const storageNote = document.querySelector("#storage-note");
const prompt = document.querySelector("#chat-prompt");
let chat; // the functions of the chat: showConversation and stopResponse

export function initConversationBar(functions) {
  chat = functions;
  choice.addEventListener("change", () => {
    conversations.selectConversation(choice.value);
    chat.showConversation();
  });
  document.querySelector("#conversation-new").addEventListener("click", startConversation);
  document.querySelector("#conversation-delete").addEventListener("click", deleteConversation);
  document.querySelector("#export-json").addEventListener("click", exportJson);
  document.querySelector("#export-markdown").addEventListener("click", exportMarkdown);
  document.addEventListener("click", ({ target }) => {
    if (menu.open && (!menu.contains(target) || target.matches("button"))) menu.open = false;
  });
  conversations.reportFullStorage((isFull) => (storageNote.textContent = isFull ? text("conversation.full") : ""));
}

/** Start a conversation with the model and the settings of the current one, unless that is still empty. */
export function startConversation() {
  const { model, system, settings, messages } = conversations.currentConversation();
  if (messages.length) conversations.addConversation({ model, system, settings });
  chat.showConversation();
  prompt.focus();
}

/** Show the conversations and which one is selected. */
export function showConversationBar() {
  const { id } = conversations.currentConversation();
  const options = conversations.listConversations().map((conversation) => {
    const title = conversations.titleOf(conversation) || text("conversation.untitled");
    return new Option(title, conversation.id, false, conversation.id === id);
  });
  choice.replaceChildren(...options);
}

function deleteConversation() {
  const conversation = conversations.currentConversation();
  if (conversation.messages.length && !confirm(text("conversation.delete.confirm"))) return;
  chat.stopResponse(conversation);
  conversations.removeConversation(conversation);
  chat.showConversation();
  prompt.focus();
}

function exportJson() {
  const conversation = conversations.currentConversation();
  saveFile(fileName(conversation, "json"), `${JSON.stringify(buildBody(conversation), null, 2)}\n`, "application/json");
}

function exportMarkdown() {
  const conversation = conversations.currentConversation();
  saveFile(fileName(conversation, "md"), toMarkdown(conversation), "text/markdown");
}

function fileName(conversation, extension) {
  const title = conversations.titleOf(conversation).toLocaleLowerCase(language);
  const name = title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
  return `${name || "conversation"}.${extension}`;
}

// The conversations of the tab. They are stored until the tab is closed, each under a name of its own.

const INDEX = "polargrid-conversations";
const PREFIX = "polargrid-conversation-";
const SAVE_DELAY = 500;

const conversations = load();
let currentId = sessionStorage.getItem(INDEX)?.split(",")[0];
let timer = null;
let reportFull = () => {};
const unstored = new Set(); // names of values that did not fit
const changed = new Set();

/** Call a function with whether something does not fit into the storage of the tab, at each attempt. */
export const reportFullStorage = (report) => (reportFull = report);

export const listConversations = () => [...conversations.values()].sort((a, b) => b.created - a.created);

/** The selected conversation; a new one where there is none. */
export const currentConversation = () => conversations.get(currentId) ?? addConversation();

/** Add a conversation and select it. It has the model, the system prompt and the settings of `template`. */
export function addConversation(template = {}) {
  const { model = "", system = "", settings = {}, messages = [] } = structuredClone(template);
  const conversation = { id: crypto.randomUUID?.() ?? String(Math.random()).slice(2), created: Date.now() };
  Object.assign(conversation, { model, system, settings, messages, draft: "" });
  conversations.set(conversation.id, conversation);
  selectConversation(conversation.id);
  saveNow(conversation);
  return conversation;
}

export function selectConversation(id) {
  currentId = id;
  saveIndex();
}

/** Remove a conversation; the newest of the others is then selected. */
export function removeConversation({ id }) {
  conversations.delete(id);
  sessionStorage.removeItem(PREFIX + id);
  unstored.delete(PREFIX + id);
  if (currentId === id) currentId = listConversations()[0]?.id;
  saveIndex();
}

/** Save a conversation soon: a response changes it many times per second. */
export function save(conversation) {
  changed.add(conversation);
  timer ??= setTimeout(saveChanged, SAVE_DELAY);
}

/** The first line that the user wrote, or nothing. */
export function titleOf({ messages }) {
  const content = messages.find(({ role }) => role === "user")?.content.trim() ?? "";
  const [line] = content.split("\n");
  return line.length > 40 ? `${line.slice(0, 40).trimEnd()}…` : line;
}

addEventListener("pagehide", saveChanged); // a reload, or a phone that ends the tab

function saveChanged() {
  clearTimeout(timer);
  timer = null;
  for (const conversation of changed) if (conversations.has(conversation.id)) saveNow(conversation);
  changed.clear();
}

function saveNow(conversation) {
  store(PREFIX + conversation.id, JSON.stringify(conversation));
}

function saveIndex() {
  const ids = [...conversations.keys()].filter((id) => id !== currentId);
  store(INDEX, [currentId, ...ids].filter(Boolean).join(","));
}

function store(name, value) {
  try {
    sessionStorage.setItem(name, value);
    unstored.delete(name);
  } catch {
    unstored.add(name);
  }
  reportFull(unstored.size > 0);
}

function load() {
  const ids = sessionStorage.getItem(INDEX)?.split(",") ?? [];
  const loaded = ids.map((id) => sessionStorage.getItem(PREFIX + id)).filter(Boolean).map(JSON.parse);
  for (const { messages } of loaded) for (const message of messages) endInterrupted(message);
  return new Map(loaded.map((conversation) => [conversation.id, conversation]));
}

/** A response that was in progress when the page was reloaded has ended. */
function endInterrupted(message) {
  if (message.role === "assistant") message.finish_reason ??= "stopped";
}

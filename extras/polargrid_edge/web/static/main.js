// Initialize the parts of the page and connect them to the state of the edge.

import { errorMessage } from "./api.js";
import { MissingKeyError } from "./api_key.js";
import { initChat, showConversation, stopResponse } from "./chat.js";
import { initConversationBar } from "./conversation_bar.js";
import { currentConversation } from "./conversations.js";
import { showEdgeState } from "./edge_state.js";
import { showMetrics } from "./metrics.js";
import { showModels, showStates } from "./models.js";
import { initSettings } from "./settings.js";
import { initShortcuts } from "./shortcuts.js";
import { initSpeech } from "./speech.js";
import { connectState } from "./state_stream.js";
import { fillTexts, language, offerLanguages, text } from "./strings.js";
import { initTheme } from "./theme.js";
import { initTranscribe } from "./transcribe.js";

const enterKey = document.querySelector("#enter-key");
const model = document.querySelector("#chat-model");

function onEvent(state) {
  if (state.models) {
    showModels(state.models);
    const { model: last } = currentConversation();
    if ([...model.options].some(({ value }) => value === last)) model.value = last;
    showFacts(state.health);
  }
  showStates(state.states);
  showMetrics(state);
}

function showFacts({ status, node, runtime, backend }) {
  const facts = [backend.info?.version, `${text("edge.node")} ${node}`, runtime.toUpperCase()];
  document.querySelector("#edge-facts").textContent = facts.filter(Boolean).join(" · ");
  showEdgeState(status === "healthy" ? "live" : "degraded");
}

function onClose(error) {
  const isMissingKey = error instanceof MissingKeyError;
  enterKey.hidden = !isMissingKey;
  if (isMissingKey) showEdgeState("locked");
  else showEdgeState("dead", error && errorMessage(error) ? errorMessage(error) : text("edge.dead"));
}

document.documentElement.lang = language;
fillTexts(document);
offerLanguages(document.querySelector("#language"));
initTheme(document.querySelector("#theme"));
showEdgeState("waiting");
document.querySelector("#edge-url").textContent = `${location.origin}/v1`;
initSettings();
initConversationBar({ showConversation, stopResponse });
initChat();
initSpeech();
initTranscribe();
initShortcuts();
const { reconnect } = connectState({ onEvent, onClose });
enterKey.addEventListener("click", () => {
  enterKey.hidden = true;
  reconnect();
});
document.body.dataset.ready = "";

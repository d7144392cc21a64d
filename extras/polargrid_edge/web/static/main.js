// Initialize the parts of the page and connect them to the stream of metrics.

import { errorMessage, requestJson } from "./api.js";
import { MissingKeyError } from "./api_key.js";
import { initChat } from "./chat.js";
import { connectEvents } from "./event_stream.js";
import { countInFlight, showMetrics, workFingerprint } from "./metrics.js";
import { initModels, refreshModels } from "./models.js";
import { initSpeech } from "./speech.js";
import { initTranscribe } from "./transcribe.js";

const state = document.querySelector("#edge-state");
const enterKey = document.querySelector("#enter-key");

function showState(name, text) {
  if (state.textContent !== text) state.textContent = text; // a screen reader announces each change once
  state.dataset.state = name;
}

async function onOpen() {
  const health = await requestJson("/health");
  const facts = [health.backend.info?.version, `node ${health.node}`, health.runtime.toUpperCase()];
  document.querySelector("#edge-facts").textContent = facts.filter(Boolean).join(" · ");
  await initModels();
  const isHealthy = health.status === "healthy";
  showState(isHealthy ? "live" : "degraded", isHealthy ? "Running" : "Degraded");
}

let lastFingerprint = null;

/** Show metrics; requests load models, so the list of models is refreshed when there was work. */
function onMetrics(metrics) {
  showMetrics(metrics);
  const fingerprint = workFingerprint(metrics);
  if (fingerprint === lastFingerprint && !countInFlight(metrics)) return;
  lastFingerprint = fingerprint;
  refreshModels();
}

function onClose(error) {
  const isMissingKey = error instanceof MissingKeyError;
  enterKey.hidden = !isMissingKey;
  showState("lost", isMissingKey ? "No API key" : error ? errorMessage(error) : "The edge has stopped");
}

const { reconnect } = connectEvents("/_page/metrics", { onOpen, onEvent: onMetrics, onClose });
enterKey.addEventListener("click", () => {
  enterKey.hidden = true;
  reconnect();
});
document.querySelector("#edge-url").textContent = `${location.origin}/v1`;
initChat();
initSpeech();
initTranscribe();

// Starts the parts of the page, and tells each what the others need to know.

import { askJson, sentence } from "./api.js";
import { startChat } from "./chat.js";
import { startHear } from "./hear.js";
import { KeyNeeded } from "./key.js";
import { refreshModels, startModels } from "./models.js";
import { startSpeak } from "./speak.js";
import { inFlight, showTraffic, workSoFar } from "./traffic.js";
import { watch } from "./watch.js";

const state = document.querySelector("#edge-state");
const enterKey = document.querySelector("#enter-key");

function showState(name, words) {
  if (state.textContent !== words) state.textContent = words; // a screen reader says each change once
  state.dataset.state = name;
}

async function introduce() {
  const health = await askJson("/health");
  const facts = [health.backend.info?.version, `node ${health.node}`, health.runtime.toUpperCase()];
  document.querySelector("#edge-facts").textContent = facts.filter(Boolean).join(" · ");
  await startModels();
  const healthy = health.status === "healthy";
  showState(healthy ? "live" : "degraded", healthy ? "Running" : "Degraded");
}

let worked = null;

/** Models come and go with work, so they are looked at when there was some, and not else. */
function follow(told) {
  showTraffic(told);
  const work = workSoFar(told);
  if (work === worked && !inFlight(told)) return;
  worked = work;
  refreshModels();
}

function lost(failure) {
  const keyless = failure instanceof KeyNeeded;
  enterKey.hidden = !keyless;
  showState("lost", keyless ? "No API key" : failure ? sentence(failure) : "The edge has stopped");
}

const { again } = watch("/_page/traffic", { opened: introduce, heard: follow, lost });
enterKey.addEventListener("click", () => {
  enterKey.hidden = true;
  again();
});
document.querySelector("#edge-url").textContent = `${location.origin}/v1`;
startChat();
startSpeak();
startHear();

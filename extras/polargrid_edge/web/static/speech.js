// Text to speech.

import { errorMessage, request } from "./api.js";
import { play } from "./audio.js";

const note = document.querySelector("#speech-note");
const send = document.querySelector("#speech-send");

export function initSpeech() {
  let isRunning = false;
  document.querySelector("#speech-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isRunning) return;
    isRunning = true;
    send.setAttribute("aria-disabled", true);
    note.textContent = "Generating…";
    try {
      note.textContent = await speak();
    } catch (error) {
      note.textContent = errorMessage(error);
    }
    send.setAttribute("aria-disabled", false);
    isRunning = false;
  });
}

/** Play the text; returns a sentence on its length and speed. */
async function speak() {
  const startTime = performance.now();
  const voice = document.querySelector("#speech-voice").value;
  const input = document.querySelector("#speech-text").value;
  const json = { model: "tts-1", input, voice, response_format: "wav" };
  const response = await request("/v1/audio/speech", { json });
  const audio = await response.blob();
  const seconds = ((performance.now() - startTime) / 1000).toFixed(1);
  const length = await play(document.querySelector("#speech-audio"), audio, { start: true });
  const fallback = response.headers.get("x-pg-voice");
  return `${length.toFixed(1)} s of speech, generated in ${seconds} s${fallback ? `, by the voice ${fallback}` : ""}.`;
}

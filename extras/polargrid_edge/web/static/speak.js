// Speech from text.

import { ask, sentence } from "./api.js";
import { play } from "./sound.js";

const note = document.querySelector("#speak-note");
const send = document.querySelector("#speak-send");

export function startSpeak() {
  let running = false;
  document.querySelector("#speak-form").addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    if (running) return;
    running = true;
    send.setAttribute("aria-disabled", true);
    note.textContent = "Speaking…";
    try {
      note.textContent = await speak();
    } catch (failure) {
      note.textContent = sentence(failure);
    }
    send.setAttribute("aria-disabled", false);
    running = false;
  });
}

/** Plays the text, and gives a sentence on how it was made. */
async function speak() {
  const began = performance.now();
  const voice = document.querySelector("#speak-voice").value;
  const input = document.querySelector("#speak-text").value;
  const json = { model: "tts-1", input, voice, response_format: "wav" };
  const response = await ask("/v1/audio/speech", { json });
  const sound = await response.blob();
  const took = ((performance.now() - began) / 1000).toFixed(1);
  const length = await play(document.querySelector("#speak-audio"), sound, { start: true });
  const other = response.headers.get("x-pg-voice");
  return `${length.toFixed(1)} s of speech, made in ${took} s${other ? `, by the voice ${other}` : ""}.`;
}

// Text to speech, in any voice of the edge and any format of the API.

import { errorMessage, request } from "./api.js";
import { play } from "./audio.js";
import { create, keepDraft } from "./elements.js";
import { options } from "./options.js";
import { formatSeconds, languageName, text } from "./strings.js";

// The first letter of a voice of Kokoro is its language, the second one its gender.
const LOCALES = { a: "en-US", b: "en-GB", e: "es", f: "fr-FR", h: "hi", i: "it", j: "ja", p: "pt-BR", z: "zh" };

const find = (name) => document.querySelector(`#speech-${name}`);
const [voice, format, speed, input, note, send, audio, save] =
  ["voice", "format", "speed", "text", "note", "send", "audio", "save"].map(find);

export function initSpeech() {
  voice.replaceChildren(...createVoiceGroups(options.speech.voices));
  voice.value = "af_heart";
  if (!voice.value) voice.selectedIndex = 0;
  format.replaceChildren(...options.speech.formats.map((name) => new Option(name)));
  format.value = "wav";
  Object.assign(speed, { min: options.speech.speed.minimum, max: options.speech.speed.maximum, value: options.speech.speed.default });
  input.maxLength = options.speech.max_characters;
  input.value = text("speech.example");
  keepDraft(input);
  let isRunning = false;
  find("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isRunning) return;
    isRunning = true;
    send.setAttribute("aria-disabled", true);
    note.textContent = text("chat.generating");
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
  const json = { model: "tts-1", input: input.value, voice: voice.value, response_format: format.value };
  const response = await request("/v1/audio/speech", { json: { ...json, speed: Number(speed.value) } });
  const sound = await response.blob();
  const seconds = formatSeconds(performance.now() - startTime);
  URL.revokeObjectURL(save.href);
  Object.assign(save, { href: URL.createObjectURL(sound), download: `speech.${json.response_format}`, hidden: false });
  const length = formatSeconds(1000 * (await play(audio, sound, { start: true })));
  const fallback = response.headers.get("x-pg-voice");
  return text(fallback ? "speech.done.fallback" : "speech.done", { length, seconds, voice: fallback });
}

/** The voices by language and gender, and at the end the names of OpenAI. */
function createVoiceGroups(voices) {
  const groups = new Map();
  for (const name of voices) {
    const [prefix, rest] = name.includes("_") ? name.split("_") : ["", name];
    if (!groups.has(prefix)) groups.set(prefix, create("optgroup", { label: describeGroup(prefix) }));
    groups.get(prefix).append(new Option(rest[0].toUpperCase() + rest.slice(1), name));
  }
  return [...groups].sort(([a], [b]) => (a === "") - (b === "")).map(([, group]) => group);
}

function describeGroup(prefix) {
  if (!prefix) return text("speech.openai");
  const [letter, gender] = prefix;
  return `${languageName(LOCALES[letter] ?? letter)}, ${text(gender === "f" ? "speech.female" : "speech.male")}`;
}

// Text from a recording: a file, or what the microphone hears.

import { ask, sentence } from "./api.js";
import { play, recording } from "./sound.js";

const note = document.querySelector("#hear-note");
const text = document.querySelector("#hear-text");
const file = document.querySelector("#hear-file");
const record = document.querySelector("#hear-record");
const clock = document.querySelector("#hear-clock");
const task = document.querySelector("#hear-task");
let heard = null;
let running = null;
let stop = null;

export function startHear() {
  file.addEventListener("change", () => {
    if (file.files.length) write((heard = file.files[0]));
    file.value = ""; // the same file may be chosen again
  });
  task.addEventListener("change", () => heard && write(heard));
  record.addEventListener("click", () => (stop ? stop() : take()));
  if (!navigator.mediaDevices) {
    record.disabled = true;
    record.title = "A browser lets a page record over https or on the own machine alone.";
  }
}

async function take() {
  stop = () => {};
  let seconds = 0;
  let ticking;
  try {
    const microphone = await recording();
    stop = microphone.stop;
    ticking = setInterval(() => (clock.textContent = `${++seconds} s`), 1000);
    showRecording(true);
    note.textContent = "Recording…";
    write((heard = await microphone.done));
  } catch (failure) {
    note.textContent = failure.name === "NotAllowedError" ? "The microphone was not allowed." : sentence(failure);
  }
  clearInterval(ticking);
  stop = null;
  showRecording(false);
}

function showRecording(on) {
  record.textContent = on ? "Stop recording" : "Record";
  record.setAttribute("aria-pressed", on);
  clock.textContent = "";
}

async function write(sound) {
  running?.abort(); // the newest recording is the one to hear
  const mine = (running = new AbortController());
  const form = new FormData();
  form.append("file", sound, sound.name ?? "recording");
  form.append("model", "whisper-1");
  form.append("response_format", "verbose_json");
  const began = performance.now();
  note.textContent = "Listening…";
  text.textContent = "";
  play(document.querySelector("#hear-audio"), sound).catch(() => {}); // the edge may know what the browser does not
  try {
    const response = await ask(`/v1/audio/${task.value}`, { body: form, signal: mine.signal });
    const told = await response.json();
    text.textContent = told.text.trim() || "(no words)";
    const took = ((performance.now() - began) / 1000).toFixed(1);
    note.textContent = `${language(told.language)}, ${told.duration.toFixed(1)} s, heard in ${took} s.`;
  } catch (failure) {
    if (running === mine) note.textContent = sentence(failure);
  }
}

function language(code) {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(code);
  } catch {
    return code;
  }
}

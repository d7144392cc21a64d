// Transcription of a file or of a microphone recording.

import { errorMessage, request } from "./api.js";
import { play, startRecording } from "./audio.js";

const note = document.querySelector("#transcribe-note");
const text = document.querySelector("#transcribe-text");
const file = document.querySelector("#transcribe-file");
const record = document.querySelector("#transcribe-record");
const clock = document.querySelector("#transcribe-clock");
const task = document.querySelector("#transcribe-task");
let recording = null;
let activeRequest = null;
let stopRecording = null;

export function initTranscribe() {
  file.addEventListener("change", () => {
    if (file.files.length) transcribe((recording = file.files[0]));
    file.value = ""; // so that the same file can be chosen again
  });
  task.addEventListener("change", () => recording && transcribe(recording));
  record.addEventListener("click", () => (stopRecording ? stopRecording() : recordMicrophone()));
  if (!navigator.mediaDevices) {
    record.disabled = true;
    record.title = "A browser allows recording over https or from this machine only.";
  }
}

async function recordMicrophone() {
  stopRecording = () => {};
  let seconds = 0;
  let timer;
  try {
    const microphone = await startRecording();
    stopRecording = microphone.stop;
    timer = setInterval(() => (clock.textContent = `${++seconds} s`), 1000);
    showRecording(true);
    note.textContent = "Recording…";
    transcribe((recording = await microphone.result));
  } catch (error) {
    note.textContent = error.name === "NotAllowedError" ? "Microphone access was denied." : errorMessage(error);
  }
  clearInterval(timer);
  stopRecording = null;
  showRecording(false);
}

function showRecording(isRecording) {
  record.textContent = isRecording ? "Stop recording" : "Record";
  record.setAttribute("aria-pressed", isRecording);
  clock.textContent = "";
}

async function transcribe(audio) {
  activeRequest?.abort(); // only the newest recording matters
  const controller = (activeRequest = new AbortController());
  const form = new FormData();
  form.append("file", audio, audio.name ?? "recording");
  form.append("model", "whisper-1");
  form.append("response_format", "verbose_json");
  const startTime = performance.now();
  note.textContent = "Transcribing…";
  text.textContent = "";
  play(document.querySelector("#transcribe-audio"), audio).catch(() => {}); // the edge may support more formats
  try {
    const response = await request(`/v1/audio/${task.value}`, { body: form, signal: controller.signal });
    const transcript = await response.json();
    text.textContent = transcript.text.trim() || "(no speech)";
    const seconds = ((performance.now() - startTime) / 1000).toFixed(1);
    const language = languageName(transcript.language);
    note.textContent = `${language}, ${transcript.duration.toFixed(1)} s, transcribed in ${seconds} s.`;
  } catch (error) {
    if (activeRequest === controller) note.textContent = errorMessage(error);
  }
}

function languageName(code) {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(code);
  } catch {
    return code;
  }
}

// Transcription of a file or of a recording of the microphone.

import { errorMessage, request } from "./api.js";
import { decodeAudio, drawWave, encodeWav, play, startRecording } from "./audio.js";
import { copyText, createButton, saveFile } from "./elements.js";
import { format, formatSeconds, languageName, text } from "./strings.js";
import { toSrt, toVtt } from "./subtitles.js";

const find = (name) => document.querySelector(`#transcribe-${name}`);
const [note, output, file, record, clock, task, player, wave, results] =
  ["note", "text", "file", "record", "clock", "task", "audio", "wave", "results"].map(find);
let recording = null;
let activeRequest = null;
let stopRecording = null;

export function initTranscribe() {
  file.addEventListener("change", () => {
    if (file.files.length) useRecording(file.files[0]);
    file.value = ""; // so that the same file can be chosen again
  });
  task.addEventListener("change", () => recording && transcribe(recording));
  record.addEventListener("click", () => (stopRecording ? stopRecording() : recordMicrophone()));
  if (!navigator.mediaDevices) {
    record.removeAttribute("data-needs-edge");
    record.disabled = true;
    record.title = text("transcribe.insecure");
  }
}

async function recordMicrophone() {
  stopRecording = () => {};
  let seconds = 0;
  let timer;
  let audio = null;
  try {
    const microphone = await startRecording(wave);
    stopRecording = microphone.stop;
    timer = setInterval(() => (clock.textContent = `${format(++seconds)} s`), 1000);
    showRecording(true);
    note.textContent = text("transcribe.recording");
    audio = await microphone.result;
  } catch (error) {
    note.textContent = error.name === "NotAllowedError" ? text("transcribe.denied") : errorMessage(error);
  }
  clearInterval(timer);
  stopRecording = null;
  showRecording(false);
  if (audio) useRecording(audio);
}

function showRecording(isRecording) {
  record.textContent = text(isRecording ? "transcribe.stop" : "transcribe.record");
  record.setAttribute("aria-pressed", isRecording);
  clock.textContent = "";
}

/** Show a recording and transcribe it; one of the microphone can be saved as WAV. */
async function useRecording(audio) {
  recording = audio;
  results.replaceChildren();
  play(player, audio).catch(() => {}); // the edge may support more formats
  transcribe(audio);
  const buffer = await decodeAudio(audio).catch(() => null);
  if (recording !== audio) return;
  wave.toggleAttribute("hidden", buffer === null);
  if (buffer === null) return;
  drawWave(wave, buffer);
  const saveWav = () => saveFile("recording.wav", encodeWav(buffer), "audio/wav");
  find("save").replaceChildren(createButton("transcribe.wav", saveWav));
}

async function transcribe(audio) {
  activeRequest?.abort(); // only the newest recording matters
  const controller = (activeRequest = new AbortController());
  const form = new FormData();
  form.append("file", audio, audio.name ?? "recording");
  form.append("model", "whisper-1");
  form.append("response_format", "verbose_json");
  const startTime = performance.now();
  note.textContent = text("transcribe.running");
  output.textContent = "";
  results.replaceChildren();
  try {
    const response = await request(`/v1/audio/${task.value}`, { body: form, signal: controller.signal });
    showTranscript(await response.json(), performance.now() - startTime);
  } catch (error) {
    if (activeRequest !== controller) return;
    note.textContent = errorMessage(error);
    results.replaceChildren(createButton("chat.retry", () => transcribe(audio), { needsEdge: true }));
  }
}

function showTranscript(transcript, milliseconds) {
  const content = transcript.text.trim();
  output.textContent = content || text("transcribe.silence");
  note.textContent = text("transcribe.done", {
    language: languageName(transcript.language),
    length: formatSeconds(transcript.duration * 1000),
    seconds: formatSeconds(milliseconds),
  });
  if (!content) return;
  const name = (recording.name ?? "recording").replace(/\.\w+$/, "");
  const save = (extension, body, type) => saveFile(`${name}.${extension}`, body, type);
  results.replaceChildren(
    createButton("copy", ({ currentTarget }) => copyText(content, currentTarget)),
    createButton("transcribe.txt", () => save("txt", `${content}\n`, "text/plain")),
    createButton("transcribe.srt", () => save("srt", toSrt(transcript.segments), "application/x-subrip")),
    createButton("transcribe.vtt", () => save("vtt", toVtt(transcript.segments), "text/vtt")),
    createButton("transcribe.json", () => save("json", JSON.stringify(transcript, null, 2), "application/json")),
  );
}

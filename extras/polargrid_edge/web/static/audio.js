// Audio in the page: playback, its wave, recording, and a recording as a WAV file.

import { barChart } from "./bar_chart.js";
import { text } from "./strings.js";

const BARS = 96;
const FRAME = 60; // milliseconds of a bar while recording

/** Load audio into an audio element and return its length in seconds. Throws an Error for an unsupported format. */
export async function play(element, audio, { start = false } = {}) {
  URL.revokeObjectURL(element.src);
  element.src = URL.createObjectURL(audio);
  element.hidden = false;
  await new Promise((resolve, reject) => {
    element.onloadedmetadata = resolve;
    element.onerror = () => {
      element.hidden = true;
      reject(new Error(text("audio.unsupported")));
    };
  });
  if (start) await element.play().catch(() => {}); // a browser that requires a click shows the controls
  return element.duration;
}

/** Decode audio to an AudioBuffer with the sample rate. Throws what the browser throws for an unsupported format. */
export async function decodeAudio(audio, sampleRate = 16_000) {
  return new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(await audio.arrayBuffer());
}

/** Draw the wave of a decoded recording into the svg: the loudest sample of each part. */
export function drawWave(svg, buffer) {
  const samples = buffer.getChannelData(0);
  const size = Math.max(1, Math.ceil(samples.length / BARS));
  const parts = Array.from({ length: BARS }, (_, index) => samples.subarray(index * size, (index + 1) * size));
  barChart(svg, 0.01)(parts.map(findPeak));
}

const findPeak = (samples) => samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

/** Encode the first channel of a decoded recording as WAV with 16 bits per sample. */
export function encodeWav(buffer) {
  const samples = buffer.getChannelData(0);
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const writeText = (offset, letters) => [...letters].forEach((c, i) => view.setUint8(offset + i, c.charCodeAt(0)));
  writeText(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  writeText(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // the size of the format
  view.setUint16(20, 1, true); // integers
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, buffer.sampleRate, true);
  view.setUint32(28, buffer.sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  writeText(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(44 + i * 2, Math.max(-1, Math.min(1, sample)) * 32_767, true));
  return new Blob([view], { type: "audio/wav" });
}

/**
 * Start to record; the svg shows the wave of the last seconds. `stop` ends the recording, `result` is its audio.
 * Throws where the browser denies access.
 */
export async function startRecording(svg) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const chunks = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  const stopDrawing = drawLive(svg, stream);
  const result = new Promise((resolve) => {
    recorder.onstop = () => {
      stopDrawing();
      for (const track of stream.getTracks()) track.stop();
      resolve(new Blob(chunks, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  return { result, stop: () => recorder.stop() };
}

function drawLive(svg, stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const peaks = Array(BARS).fill(0);
  const draw = barChart(svg, 0.01);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    peaks.push(findPeak(samples));
    peaks.shift();
    draw(peaks);
  }, FRAME);
  return () => {
    clearInterval(timer);
    context.close();
  };
}

// Playback and recording of audio.

/** Load audio into an audio element and return its length in seconds. Throws an Error for an unsupported format. */
export async function play(element, audio, { start = false } = {}) {
  URL.revokeObjectURL(element.src);
  element.src = URL.createObjectURL(audio);
  element.hidden = false;
  await new Promise((resolve, reject) => {
    element.onloadedmetadata = resolve;
    element.onerror = () => {
      element.hidden = true;
      reject(new Error("This browser cannot play the audio."));
    };
  });
  if (start) await element.play().catch(() => {}); // a browser that requires a click shows the controls
  return element.duration;
}

/** Start to record: `stop` ends the recording, `result` is its audio. Throws where the browser denies access. */
export async function startRecording() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const chunks = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  const result = new Promise((resolve) => {
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      resolve(new Blob(chunks, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  return { result, stop: () => recorder.stop() };
}

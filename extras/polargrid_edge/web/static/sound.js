// Sound that the page holds: played, or taken from the microphone.

/** Puts the sound into the audio element and gives its length in seconds. Raises an Error where it cannot be played. */
export async function play(audio, sound, { start = false } = {}) {
  URL.revokeObjectURL(audio.src);
  audio.src = URL.createObjectURL(sound);
  audio.hidden = false;
  await new Promise((resolve, reject) => {
    audio.onloadedmetadata = resolve;
    audio.onerror = () => {
      audio.hidden = true;
      reject(new Error("This browser cannot play the sound."));
    };
  });
  if (start) await audio.play().catch(() => {}); // a browser that wants a press of its own has one: the controls
  return audio.duration;
}

/** Records from now on: `stop` ends it, `done` is the sound. Raises what the browser does where it may not. */
export async function recording() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const done = new Promise((resolve) => {
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      resolve(new Blob(pieces, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  return { done, stop: () => recorder.stop() };
}

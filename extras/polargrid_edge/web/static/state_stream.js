// The stream of the edge's state: open while the page is visible, and opened again when it ends or falls silent.

import { iterEvents, request } from "./api.js";
import { MissingKeyError } from "./api_key.js";

const RECONNECT_DELAY = 1000;
const SILENCE_LIMIT = 15_000; // an edge sends an event every second; a broken network sends nothing at all

/** Connect to the stream. Calls `onEvent` for each event and `onClose` with the error, or nothing, at each end. */
export function connectState({ onEvent, onClose }) {
  let connection = null;
  let isMissingKey = false; // then the user decides when to reconnect

  async function connect() {
    if (connection || isMissingKey || document.hidden) return;
    const controller = (connection = new AbortController());
    let failure;
    let silence;
    const restart = () => {
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort(), SILENCE_LIMIT);
    };
    try {
      const response = await request("/_page/state", { signal: controller.signal });
      restart();
      for await (const data of iterEvents(response)) {
        restart();
        onEvent(JSON.parse(data));
      }
    } catch (error) {
      failure = error;
    }
    clearTimeout(silence);
    if (connection !== controller) return; // the page is hidden
    connection = null;
    controller.abort(); // `onEvent` may have failed with the stream open
    isMissingKey = failure instanceof MissingKeyError;
    onClose(failure);
    setTimeout(connect, RECONNECT_DELAY);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return void connect();
    connection?.abort();
    connection = null;
  });
  connect();
  return {
    reconnect() {
      isMissingKey = false;
      connect();
    },
  };
}

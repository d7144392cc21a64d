// A stream of events that stays open while the page is visible, and reconnects when it ends.

import { iterEvents, request } from "./api.js";
import { MissingKeyError } from "./api_key.js";

const RECONNECT_DELAY = 2000;

/** Connect to a stream. Calls `onOpen` at each start, `onEvent` per event, `onClose` with the error or nothing. */
export function connectEvents(path, { onOpen, onEvent, onClose }) {
  let connection = null;
  let isMissingKey = false; // then the user decides when to reconnect

  async function connect() {
    if (connection || isMissingKey || document.hidden) return;
    const controller = (connection = new AbortController());
    let failure;
    try {
      const response = await request(path, { signal: controller.signal });
      await onOpen();
      for await (const data of iterEvents(response)) onEvent(JSON.parse(data));
    } catch (error) {
      failure = error;
    }
    if (connection !== controller) return; // the page is hidden
    connection = null;
    controller.abort(); // `onOpen` or `onEvent` may have failed with the stream open
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

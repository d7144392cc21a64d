// One stream of events that is kept open while somebody looks, and opened again where it ends.

import { ask, events } from "./api.js";
import { KeyNeeded } from "./key.js";

const PAUSE = 2000;

/** Calls `opened` at each start, `heard` with each event, `lost` with the failure, or nothing, at each end. */
export function watch(path, { opened, heard, lost }) {
  let open = null;
  let keyless = false; // then it is the user who says when to go on

  async function run() {
    if (open || keyless || document.hidden) return;
    const mine = (open = new AbortController());
    let failure;
    try {
      const response = await ask(path, { signal: mine.signal });
      await opened();
      for await (const data of events(response)) heard(JSON.parse(data));
    } catch (raised) {
      failure = raised;
    }
    if (open !== mine) return; // nobody looks any more
    open = null;
    mine.abort(); // where it was not the stream that failed
    keyless = failure instanceof KeyNeeded;
    lost(failure);
    setTimeout(run, PAUSE);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return void run();
    open?.abort();
    open = null;
  });
  run();
  return {
    again() {
      keyless = false;
      run();
    },
  };
}

// Whether the edge responds, as the page shows it: without an edge the page is grey, and buttons that need it are off.

import { text } from "./strings.js";

const state = document.querySelector("#edge-state");
let alive = false;

export const isAlive = () => alive;

/** Show a state: `waiting`, `live`, `degraded`, `locked` (no key) or `dead`, with a reason instead of its usual text. */
export function showEdgeState(name, reason = text(`edge.${name}`)) {
  const wasAlive = alive;
  alive = name === "live" || name === "degraded";
  if (state.textContent !== reason) state.textContent = reason; // a screen reader announces each change once
  document.body.dataset.edge = name;
  for (const element of document.querySelectorAll("[data-needs-edge]")) element.disabled = !alive;
  if (alive && !wasAlive) document.dispatchEvent(new Event("edgealive"));
}

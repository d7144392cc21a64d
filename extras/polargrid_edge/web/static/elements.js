// Create elements of the page, and copy and save what it shows.

import { isAlive } from "./edge_state.js";
import { text } from "./strings.js";

/** An element with attributes and children; a child is an element or a text. */
export function create(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** A small button. `needsEdge` turns it off while the edge does not respond. */
export function createButton(key, onClick, { needsEdge = false, label = null } = {}) {
  const attributes = { type: "button", class: "quiet", "data-needs-edge": needsEdge, "aria-label": label };
  const button = create("button", attributes, text(key));
  button.disabled = needsEdge && !isAlive();
  button.addEventListener("click", onClick);
  return button;
}

/** Copy a text, and show that in the button for a while. */
export async function copyText(content, button) {
  try {
    await navigator.clipboard.writeText(content);
  } catch {
    copyBySelection(content); // a browser has no clipboard on a page over http of another machine
  }
  const before = button.textContent;
  if (before === text("copied")) return;
  button.textContent = text("copied");
  setTimeout(() => (button.textContent = before), 2000);
}

function copyBySelection(content) {
  const area = create("textarea", { class: "unseen", "aria-hidden": "true" });
  const focused = document.activeElement;
  area.value = content;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}

/** Save content as a file of the user. */
export function saveFile(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  create("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}

/** Keep what is typed into an element over a reload, until the tab is closed. */
export function keepDraft(element) {
  const name = `polargrid-draft-${element.id}`;
  element.value = sessionStorage.getItem(name) ?? element.value;
  element.addEventListener("input", () => sessionStorage.setItem(name, element.value));
}

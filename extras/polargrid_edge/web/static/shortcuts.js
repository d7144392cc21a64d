// Keyboard shortcuts, and the dialog that lists them. Each has a modifier, so none is hit while typing.

import { retry, stopResponse } from "./chat.js";
import { startConversation } from "./conversation_bar.js";
import { create } from "./elements.js";
import { text } from "./strings.js";

const dialog = document.querySelector("#help-dialog");
const prompt = document.querySelector("#chat-prompt");

// By `code`, which is the place of a key: with Alt, the letter may be another one.
const SHORTCUTS = [
  { keys: ["Enter"], key: "help.send" },
  { keys: ["Shift", "Enter"], key: "help.line" },
  { keys: ["Esc"], key: "help.stop" },
  { keys: ["Alt", "M"], key: "help.message", code: "KeyM", run: () => prompt.focus() },
  { keys: ["Alt", "N"], key: "help.new", code: "KeyN", run: startConversation },
  { keys: ["Alt", "R"], key: "help.retry", code: "KeyR", run: retry },
  { keys: ["Alt", "H"], key: "help.help", code: "KeyH", run: openHelp },
];

export function initShortcuts() {
  const rows = SHORTCUTS.map(({ keys, key }) => {
    const marks = keys.flatMap((name, index) => [...(index ? [" + "] : []), create("kbd", {}, name)]);
    return create("div", {}, create("dt", {}, ...marks), create("dd", {}, text(key)));
  });
  document.querySelector("#help-list").replaceChildren(...rows);
  document.querySelector("#help-open").addEventListener("click", openHelp);
  document.querySelector("#help-close").addEventListener("click", () => dialog.close());
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return; // its own keys
    if (event.key === "Escape") return void stopResponse();
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const shortcut = SHORTCUTS.find(({ code }) => code === event.code);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  });
}

function openHelp() {
  dialog.showModal();
}

// The API key: the default key of a local edge, or one that the user enters. It is stored until the tab is closed.

import { text } from "./strings.js";

const STORAGE_NAME = "polargrid-key";
const DEFAULT_KEY = "pg_local";

const dialog = document.querySelector("#key-dialog");
const input = document.querySelector("#key-input");
let pendingPrompt = null;

export class MissingKeyError extends Error {
  constructor() {
    super(text("edge.locked"));
  }
}

export const getKey = () => sessionStorage.getItem(STORAGE_NAME) ?? DEFAULT_KEY;

/** Wait for another key than the rejected key; concurrent callers share a dialog. Throws MissingKeyError. */
export async function promptForKey(rejectedKey) {
  if (getKey() !== rejectedKey) return;
  pendingPrompt ??= openDialog().finally(() => (pendingPrompt = null));
  await pendingPrompt;
}

function openDialog() {
  return new Promise((resolve, reject) => {
    input.value = "";
    dialog.returnValue = "";
    const finish = () => (dialog.returnValue === "saved" ? resolve() : reject(new MissingKeyError()));
    dialog.addEventListener("close", finish, { once: true });
    dialog.showModal();
  });
}

input.addEventListener("input", () => {
  const isValid = /^[\x21-\x7e]+$/.test(input.value.trim());
  input.setCustomValidity(isValid ? "" : text("key.invalid"));
});

document.querySelector("#key-cancel").addEventListener("click", () => dialog.close());
document.querySelector("#key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(STORAGE_NAME, input.value.trim());
  input.value = "";
  dialog.close("saved");
});

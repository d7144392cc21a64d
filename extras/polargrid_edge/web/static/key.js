// The API key: the one of every local edge, or one that the user gives. It is kept as long as the tab, no longer.

const NAME = "polargrid-key";
const LOCAL = "pg_local";

const dialog = document.querySelector("#key-dialog");
const input = document.querySelector("#key-input");
let asking = null;

export class KeyNeeded extends Error {
  constructor() {
    super("This edge needs an API key.");
  }
}

export const key = () => sessionStorage.getItem(NAME) ?? LOCAL;

/** Resolves once there is another key than the refused one; all who wait share one dialog. Raises KeyNeeded. */
export async function askForKey(refused) {
  if (key() !== refused) return;
  asking ??= shown().finally(() => (asking = null));
  await asking;
}

function shown() {
  return new Promise((resolve, reject) => {
    input.value = "";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => (dialog.returnValue === "given" ? resolve() : reject(new KeyNeeded())), {
      once: true,
    });
    dialog.showModal();
  });
}

input.addEventListener("input", () => {
  const sendable = /^[\x21-\x7e]+$/.test(input.value.trim());
  input.setCustomValidity(sendable ? "" : "A key has letters, digits and signs, without spaces.");
});

document.querySelector("#key-cancel").addEventListener("click", () => dialog.close());
document.querySelector("#key-form").addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  sessionStorage.setItem(NAME, input.value.trim());
  input.value = "";
  dialog.close("given");
});

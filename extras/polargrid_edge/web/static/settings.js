// The system prompt and the settings of a conversation: a field for each setting of the API, from its specification.

import { save, currentConversation } from "./conversations.js";
import { create } from "./elements.js";
import { options } from "./options.js";
import { text } from "./strings.js";

const details = document.querySelector("#chat-settings");
const container = document.querySelector("#settings-fields");
const system = document.querySelector("#system-prompt");
const count = document.querySelector("#settings-count");
const fields = new Map(); // by name: the element, and functions that read and write its value

export function initSettings() {
  for (const option of options.chat) {
    const field = createField(option);
    const help = create("small", { id: `help-${option.name}` }, option.description);
    field.element.setAttribute("aria-describedby", help.id);
    field.element.addEventListener("input", () => readField(option, field));
    fields.set(option.name, field);
    container.append(create("label", { class: option.kind }, create("code", {}, option.name), field.element), help);
  }
  system.addEventListener("input", () => {
    currentConversation().system = system.value;
    saveSettings();
  });
  document.querySelector("#settings-reset").addEventListener("click", () => {
    Object.assign(currentConversation(), { system: "", settings: {} });
    saveSettings();
    showSettings(currentConversation());
  });
}

export function showSettings(conversation) {
  system.value = conversation.system;
  for (const [name, { element, write }] of fields) {
    element.value = name in conversation.settings ? write(conversation.settings[name]) : "";
    element.setCustomValidity("");
  }
  showCount(conversation);
}

/** Whether all fields are valid; opens the settings at the first that is not. */
export function checkSettings() {
  const invalid = [...fields.values()].find(({ element }) => !element.validity.valid);
  if (!invalid) return true;
  details.open = true;
  invalid.element.reportValidity();
  return false;
}

/** A field that is empty leaves the setting to the edge; an invalid one leaves it as it was. */
function readField({ name }, { element, read }) {
  const { settings } = currentConversation();
  element.setCustomValidity("");
  if (!element.value.trim() && element.validity.valid) delete settings[name];
  else if (element.validity.valid) {
    try {
      settings[name] = read(element.value);
    } catch {
      element.setCustomValidity(text("settings.json"));
    }
  }
  saveSettings();
}

function saveSettings() {
  save(currentConversation());
  showCount(currentConversation());
}

function showCount({ system: prompt, settings }) {
  const number = Object.keys(settings).length + (prompt.trim() ? 1 : 0);
  count.textContent = number ? text("settings.count", { number }) : "";
}

function createField({ kind, minimum, maximum, default: fallback, values }) {
  const limits = { min: minimum ?? null, max: maximum ?? null, placeholder: fallback ?? null };
  switch (kind) {
    case "number":
    case "integer": {
      const step = kind === "number" ? "any" : "1";
      return { element: create("input", { type: "number", step, ...limits }), read: Number, write: String };
    }
    case "boolean":
      return { element: createSelect(["true", "false"]), read: (value) => value === "true", write: String };
    case "choice":
      return { element: createSelect(values), read: String, write: String };
    case "text":
      return { element: create("input", { type: "text" }), read: String, write: String };
    case "texts": {
      const read = (value) => value.split("\n").filter(Boolean);
      return { element: create("textarea", { rows: 2, placeholder: text("settings.texts") }), read, write: joinLines };
    }
    default: {
      const element = create("textarea", { rows: 2, placeholder: "JSON", spellcheck: "false" });
      return { element, read: JSON.parse, write: (value) => JSON.stringify(value, null, 2) };
    }
  }
}

const joinLines = (value) => [value].flat().join("\n");

function createSelect(values) {
  return create("select", {}, new Option(text("settings.default"), ""), ...values.map((value) => new Option(value)));
}

// A conversation as a Markdown document. Pure.

import { text } from "./strings.js";

/** The messages under headings, tool calls as code; the texts of the model are Markdown already. */
export function toMarkdown({ model, system, messages }) {
  const parts = [];
  if (system.trim()) parts.push(`## ${text("settings.system")}`, system.trim());
  for (const message of messages) {
    parts.push(`## ${headingOf(message, model)}`);
    if (message.content) parts.push(message.content.trim());
    for (const call of message.tool_calls ?? []) parts.push(fence(`${call.function.name} ${call.function.arguments}`));
    if (message.error) parts.push(`> ${message.error}`);
  }
  return `${parts.join("\n\n")}\n`;
}

function headingOf({ role, model: author }, model) {
  return role === "user" ? text("chat.you") : role === "tool" ? text("chat.tool") : (author ?? model);
}

/** A block of code whose fence is longer than any in its text. */
function fence(content) {
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map(({ length }) => length));
  const marks = "`".repeat(longest + 1);
  return `${marks}\n${content}\n${marks}`;
}

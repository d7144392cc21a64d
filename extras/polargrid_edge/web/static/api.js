// Requests to the edge with the API key; error responses become exceptions.

import { getKey, promptForKey } from "./api_key.js";
import { text } from "./strings.js";

export class ApiError extends Error {
  constructor(status, error, id = "") {
    super(error?.message ?? `HTTP ${status}`);
    this.status = status;
    this.code = error?.code ?? "";
    this.requestId = id;
  }
}

/** Send a request and return a successful response. Throws ApiError, MissingKeyError, or what fetch throws. */
export async function request(path, { json, headers, ...init } = {}) {
  if (json !== undefined) {
    init.body = JSON.stringify(json);
    headers = { ...headers, "content-type": "application/json" };
  }
  if (init.body !== undefined) init.method = "POST"; // a text, a form, or JSON
  for (;;) {
    const key = getKey();
    const authorization = `Bearer ${key}`;
    const response = await fetch(path, { ...init, headers: { ...headers, authorization }, cache: "no-store" });
    if (response.ok) return response;
    const id = response.headers.get("x-request-id") ?? "";
    const body = await response.json().catch(() => ({}));
    if (response.status !== 401) throw new ApiError(response.status, body.error, id);
    await promptForKey(key);
  }
}

export const requestJson = async (path, init) => (await request(path, init)).json();

/** Iterate over the data of the server-sent events of a response. */
export async function* iterEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (buffer + value).split("\n\n");
      buffer = parts.pop();
      for (const part of parts) if (part.startsWith("data: ")) yield part.slice(6);
    }
  } finally {
    reader.cancel().catch(() => {}); // closes the connection, which ends the work at the edge
  }
}

/** The message for an error; empty where the user cancelled. */
export function errorMessage(error) {
  if (error.name === "AbortError") return "";
  if (error instanceof TypeError) return text("edge.dead");
  return error.requestId ? `${error.message} (${error.requestId})` : error.message;
}

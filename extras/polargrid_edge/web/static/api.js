// Requests to the edge: with the key, and with the API's errors as exceptions.

import { askForKey, key } from "./key.js";

export class ApiError extends Error {
  constructor(status, error, id = "") {
    super(error?.message ?? `The edge answered ${status}.`);
    this.status = status;
    this.code = error?.code ?? "";
    this.requestId = id;
  }
}

/** A response that is well. Raises ApiError, KeyNeeded, or what fetch raises. */
export async function ask(path, { json, headers, ...init } = {}) {
  if (json !== undefined) {
    init.body = JSON.stringify(json);
    headers = { ...headers, "content-type": "application/json" };
  }
  if (init.body !== undefined) init.method = "POST";
  for (;;) {
    const used = key();
    const authorization = `Bearer ${used}`;
    const response = await fetch(path, { ...init, headers: { ...headers, authorization }, cache: "no-store" });
    if (response.ok) return response;
    const id = response.headers.get("x-request-id") ?? "";
    const told = await response.json().catch(() => ({}));
    if (response.status !== 401) throw new ApiError(response.status, told.error, id);
    await askForKey(used);
  }
}

export const askJson = async (path, init) => (await ask(path, init)).json();

/** The data of each server-sent event of a response. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) if (part.startsWith("data: ")) yield part.slice(6);
    }
  } finally {
    reader.cancel().catch(() => {}); // the other end is told that nobody reads on
  }
}

/** What to say of a failure; nothing where the user ended it. */
export function sentence(failure) {
  if (failure.name === "AbortError") return "";
  if (failure instanceof TypeError) return "The edge cannot be reached. Is it running?";
  return failure.requestId ? `${failure.message} (${failure.requestId})` : failure.message;
}

// openai-node. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY.

import assert from 'node:assert/strict';

import OpenAI, { toFile } from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const client = new OpenAI();

const model = 'llama-3.1-8b';
const messages = [{ role: 'user', content: 'Name three towns in Quebec.' }];
const Town = z.object({ name: z.string().max(30), inhabitants: z.int() });

export async function chat() {
  const response = await client.chat.completions.create({ model, messages, max_tokens: 20, temperature: 0 });
  assert.ok(response.choices[0].message.content);
  assert.match(response.choices[0].finish_reason, /^(stop|length)$/);
  assert.equal(response.usage.total_tokens, response.usage.prompt_tokens + response.usage.completion_tokens);
  assert.ok(response._request_id);
}

export async function stream() {
  const events = await client.chat.completions.create({
    model,
    messages,
    max_tokens: 20,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of events) chunks.push(chunk);
  const last = chunks.pop();
  assert.equal(chunks[0].choices[0].delta.role, 'assistant');
  assert.ok(chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join(''));
  assert.match(chunks.at(-1).choices[0].finish_reason, /^(stop|length)$/);
  assert.deepEqual(last.choices, []);
  assert.ok(last.usage.completion_tokens <= 20);
}

export async function structuredOutput() {
  const response = await client.chat.completions.parse({
    model,
    messages,
    max_tokens: 80,
    response_format: zodResponseFormat(Town, 'town'),
  });
  Town.parse(response.choices[0].message.parsed);
}

export async function streamedStructuredOutput() {
  const stream = client.chat.completions.stream({
    model,
    messages,
    max_tokens: 80,
    response_format: zodResponseFormat(Town, 'town'),
  });
  let deltas = 0;
  stream.on('content', () => (deltas += 1));
  const response = await stream.finalChatCompletion();
  assert.ok(deltas > 1);
  Town.parse(response.choices[0].message.parsed);
}

export async function tools() {
  const tool = zodFunction({ name: 'get_weather', parameters: z.object({ town: z.string().max(30) }) });
  const question = { role: 'user', content: 'What is the weather in Gaspé?' };
  const first = await client.chat.completions.parse({
    model,
    messages: [question],
    tools: [tool],
    tool_choice: 'required',
  });
  const { message, finish_reason } = first.choices[0];
  assert.equal(finish_reason, 'tool_calls');
  assert.deepEqual(message.tool_calls.map((call) => call.function.name), ['get_weather']);
  assert.equal(typeof message.tool_calls[0].function.parsed_arguments.town, 'string');
  const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'It snows.' };
  const response = await client.chat.completions.create({
    model,
    messages: [question, message, result],
    tools: [tool],
    tool_choice: 'none',
    temperature: 0,
  });
  assert.ok(response.choices[0].message.content);
}

export async function streamedTools() {
  const stream = client.chat.completions.stream({
    model,
    messages: [{ role: 'user', content: 'What is the weather in Gaspé?' }],
    tools: [zodFunction({ name: 'get_weather', parameters: z.object({ town: z.string().max(30) }) })],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  });
  const response = await stream.finalChatCompletion();
  assert.equal(typeof response.choices[0].message.tool_calls[0].function.parsed_arguments.town, 'string');
}

export async function completion() {
  const response = await client.completions.create({ model, prompt: 'One, two, three,', max_tokens: 8, temperature: 0 });
  assert.ok(response.choices[0].text);
}

export async function speech() {
  const audio = await createSpeech('Hello from the edge.');
  assert.equal(audio.subarray(0, 4).toString(), 'RIFF');
}

export async function transcription() {
  const file = await toFile(await createSpeech('Hello from the edge.'), 'hello.wav');
  const response = await client.audio.transcriptions.create({ model: 'whisper-1', file });
  assert.ok(response.text);
}

export async function streamedTranscription() {
  const file = await toFile(await createSpeech('Hello.'), 'hello.wav');
  let last;
  const events = await client.audio.transcriptions.create({ model: 'whisper-1', file, stream: true });
  for await (const event of events) last = event;
  assert.equal(last.type, 'transcript.text.done');
}

export async function translation() {
  const file = await toFile(await createSpeech('Hello from the edge.'), 'hello.wav');
  const response = await client.audio.translations.create({ model: 'whisper-1', file });
  assert.ok(response.text);
}

export async function models() {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.length >= 3);
}

export async function singleModel() {
  for (const id of ['whisper-base', 'hexgrad/Kokoro-82M']) {
    assert.equal((await client.models.retrieve(id)).id, id);
  }
}

export async function embeddings() {
  const response = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hello' }); // base64
  assert.equal(response.data[0].embedding.length, 384);
}

export async function responses() {
  try {
    await client.responses.create({ model, input: 'Hello' });
  } catch (error) {
    assert.ok(error instanceof OpenAI.NotFoundError);
    return 'The API has no /v1/responses (404).';
  }
}

export async function wrongKey() {
  const other = client.withOptions({ apiKey: 'wrong' });
  await assert.rejects(other.models.list(), OpenAI.AuthenticationError);
}

export async function unknownModel() {
  await assert.rejects(client.chat.completions.create({ model: 'gpt-9', messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
}

export async function invalidRequest() {
  await assert.rejects(client.chat.completions.create({ model, messages: [] }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'messages');
    return true;
  });
}

async function createSpeech(input) {
  const response = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input, response_format: 'wav' });
  return Buffer.from(await response.arrayBuffer());
}

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
  const answer = await client.chat.completions.create({ model, messages, max_tokens: 20, temperature: 0 });
  assert.ok(answer.choices[0].message.content);
  assert.match(answer.choices[0].finish_reason, /^(stop|length)$/);
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  assert.ok(answer._request_id);
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
  const answer = await client.chat.completions.parse({
    model,
    messages,
    max_tokens: 80,
    response_format: zodResponseFormat(Town, 'town'),
  });
  Town.parse(answer.choices[0].message.parsed);
}

export async function streamedStructuredOutput() {
  const running = client.chat.completions.stream({
    model,
    messages,
    max_tokens: 80,
    response_format: zodResponseFormat(Town, 'town'),
  });
  let pieces = 0;
  running.on('content', () => (pieces += 1));
  const answer = await running.finalChatCompletion();
  assert.ok(pieces > 1);
  Town.parse(answer.choices[0].message.parsed);
}

export async function tools() {
  const tool = zodFunction({ name: 'get_weather', parameters: z.object({ town: z.string().max(30) }) });
  const question = { role: 'user', content: 'What is the weather in Gaspé?' };
  const asked = await client.chat.completions.parse({
    model,
    messages: [question],
    tools: [tool],
    tool_choice: 'required',
  });
  const { message, finish_reason } = asked.choices[0];
  assert.equal(finish_reason, 'tool_calls');
  assert.deepEqual(message.tool_calls.map((call) => call.function.name), ['get_weather']);
  assert.equal(typeof message.tool_calls[0].function.parsed_arguments.town, 'string');
  const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'It snows.' };
  const answer = await client.chat.completions.create({
    model,
    messages: [question, message, result],
    tools: [tool],
    tool_choice: 'none',
    temperature: 0,
  });
  assert.ok(answer.choices[0].message.content);
}

export async function streamedTools() {
  const running = client.chat.completions.stream({
    model,
    messages: [{ role: 'user', content: 'What is the weather in Gaspé?' }],
    tools: [zodFunction({ name: 'get_weather', parameters: z.object({ town: z.string().max(30) }) })],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  });
  const answer = await running.finalChatCompletion();
  assert.equal(typeof answer.choices[0].message.tool_calls[0].function.parsed_arguments.town, 'string');
}

export async function completion() {
  const answer = await client.completions.create({ model, prompt: 'One, two, three,', max_tokens: 8, temperature: 0 });
  assert.ok(answer.choices[0].text);
}

export async function speech() {
  const audio = await spoken('Hello from the edge.');
  assert.equal(audio.subarray(0, 4).toString(), 'RIFF');
}

export async function transcription() {
  const file = await toFile(await spoken('Hello from the edge.'), 'hello.wav');
  const answer = await client.audio.transcriptions.create({ model: 'whisper-1', file });
  assert.match(answer.text.toLowerCase(), /edge/);
}

export async function streamedTranscription() {
  const file = await toFile(await spoken('Hello.'), 'hello.wav');
  try {
    const events = await client.audio.transcriptions.create({ model: 'whisper-1', file, stream: true });
    for await (const event of events) assert.ok(event.type);
  } catch (error) {
    assert.equal(error.code, 'not_supported');
    return 'The API makes transcripts whole; asked to stream one, the edge says so (400).';
  }
}

export async function translation() {
  const file = await toFile(await spoken('Hello from the edge.'), 'hello.wav');
  const answer = await client.audio.translations.create({ model: 'whisper-1', file });
  assert.match(answer.text.toLowerCase(), /edge/);
}

export async function models() {
  const ids = [];
  for await (const found of client.models.list()) ids.push(found.id);
  assert.ok(ids.length >= 3);
}

export async function oneModel() {
  try {
    assert.equal((await client.models.retrieve('whisper-base')).id, 'whisper-base');
  } catch (error) {
    assert.ok(error instanceof OpenAI.NotFoundError);
    return 'The API lists models, and has no path for one: /v1/models/{model} is 404.';
  }
}

export async function embeddings() {
  try {
    await client.embeddings.create({ model, input: 'Hello' });
  } catch (error) {
    assert.ok(error instanceof OpenAI.NotFoundError);
    return 'The API has no /v1/embeddings.';
  }
}

export async function responses() {
  try {
    await client.responses.create({ model, input: 'Hello' });
  } catch (error) {
    assert.ok(error instanceof OpenAI.NotFoundError);
    return 'The API has no /v1/responses; chat is at /v1/chat/completions.';
  }
}

export async function wrongKey() {
  const stranger = client.withOptions({ apiKey: 'wrong' });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
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

async function spoken(input) {
  const answer = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input, response_format: 'wav' });
  return Buffer.from(await answer.arrayBuffer());
}

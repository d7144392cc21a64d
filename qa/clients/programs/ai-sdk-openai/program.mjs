// The AI SDK with @ai-sdk/openai. `chat()` is the model of chat completions: the default is /v1/responses.

import assert from 'node:assert/strict';

import { createOpenAI } from '@ai-sdk/openai';
import { APICallError, Output, embed, experimental_generateSpeech as generateSpeech } from 'ai';
import { generateText, isStepCount, streamText, experimental_transcribe as transcribe, tool } from 'ai';
import { z } from 'zod';

const settings = { baseURL: process.env.OPENAI_BASE_URL, apiKey: process.env.OPENAI_API_KEY };
const openai = createOpenAI(settings);
const scripted = createOpenAI({ ...settings, baseURL: process.env.SCRIPTED_BASE_URL });

const model = openai.chat('llama-3.1-8b');
const prompt = 'Name a town in Quebec.';
const schema = z.object({ name: z.string().max(30), inhabitants: z.int() });
const task = 'Call find_town for Marie, then get_weather for her town, and then send_message with the weather.';

const tools = {
  find_town: tool({
    description: 'Find the town of a person',
    inputSchema: z.object({ name: z.string() }),
    execute: async () => 'Rimouski',
  }),
  get_weather: tool({
    description: 'The weather of a town',
    inputSchema: z.object({ town: z.string() }),
    execute: async ({ town }) => `In ${town} it snows.`,
  }),
  send_message: tool({
    description: 'Send a message',
    inputSchema: z.object({ text: z.string() }),
    execute: async ({ text }) => `Sent: ${text}`,
  }),
};

export async function chat() {
  const { text, finishReason, usage } = await generateText({ model, prompt, maxOutputTokens: 20, temperature: 0 });
  assert.ok(text);
  assert.match(finishReason, /^(stop|length)$/);
  assert.equal(usage.totalTokens, usage.inputTokens + usage.outputTokens);
}

export async function stream() {
  const result = streamText({ model, prompt, maxOutputTokens: 20, temperature: 0 });
  const texts = [];
  for await (const text of result.textStream) texts.push(text);
  assert.ok(texts.length > 1);
  assert.match(await result.finishReason, /^(stop|length)$/);
  assert.ok((await result.usage).outputTokens > 0);
}

export async function structuredOutput() {
  const { output } = await generateText({ model, prompt, output: Output.object({ schema }), maxOutputTokens: 80 });
  schema.parse(output);
}

export async function streamedStructuredOutput() {
  const result = streamText({ model, prompt, output: Output.object({ schema }), maxOutputTokens: 80 });
  for await (const partial of result.partialOutputStream) assert.equal(typeof partial, 'object');
  schema.parse(await result.output);
}

export async function twoToolsInARow() {
  const { find_town, get_weather } = tools;
  const result = await generateText(agent({ find_town, get_weather }));
  assert.deepEqual(listOutputs(result.steps), ['Rimouski', 'In Rimouski it snows.']);
  assert.equal(result.text, 'Done.');
}

export async function threeToolsInARow() {
  const result = streamText(agent(tools));
  await result.consumeStream();
  const outputs = listOutputs(await result.steps);
  assert.deepEqual(outputs, ['Rimouski', 'In Rimouski it snows.', 'Sent: In Rimouski it snows.']);
  assert.equal(await result.text, 'Done.');
}

function agent(available) {
  return { model: scripted.chat('llama-3.1-8b'), prompt: task, tools: available, stopWhen: isStepCount(6) };
}

function listOutputs(steps) {
  return steps.flatMap((step) => step.toolResults.map((result) => result.output));
}

export async function completion() {
  const completions = openai.completion('llama-3.1-8b');
  const { text } = await generateText({ model: completions, prompt: 'One, two, three,', maxOutputTokens: 8 });
  assert.ok(text);
}

export async function speech() {
  const { audio } = await speak();
  assert.equal(audio.mediaType, 'audio/mpeg');
  assert.ok(audio.uint8Array.length > 1000);
}

export async function transcription() {
  const { audio } = await speak();
  const { text } = await transcribe({ model: openai.transcription('whisper-1'), audio: audio.uint8Array });
  assert.ok(text);
}

function speak() {
  return generateSpeech({ model: openai.speech('gpt-4o-mini-tts'), text: 'Hello from the edge.' });
}

export async function embeddings() {
  const { embedding } = await embed({ model: openai.embedding('text-embedding-3-small'), value: 'Hello' });
  assert.equal(embedding.length, 384);
}

export async function responses() {
  const error = await getError(openai('llama-3.1-8b'));
  assert.equal(error.statusCode, 404);
  assert.match(error.message, /\.chat\(model\)/);
  return 'The API has no /v1/responses (404).';
}

export async function wrongKey() {
  const error = await getError(createOpenAI({ ...settings, apiKey: 'wrong' }).chat('llama-3.1-8b'));
  assert.equal(error.statusCode, 401);
}

export async function unknownModel() {
  const error = await getError(openai.chat('gpt-9'));
  assert.equal(error.statusCode, 404);
  assert.match(error.message, /gpt-9/);
}

async function getError(other) {
  try {
    await generateText({ model: other, prompt });
  } catch (error) {
    assert.ok(APICallError.isInstance(error));
    return error;
  }
  assert.fail('there was no error');
}

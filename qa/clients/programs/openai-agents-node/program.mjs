// @openai/agents, with chat completions. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY.

import assert from 'node:assert/strict';

import { Agent, OpenAIProvider, Runner, run, setOpenAIAPI, setTracingDisabled, tool } from '@openai/agents';
import { z } from 'zod';

setOpenAIAPI('chat_completions');
setTracingDisabled(true);

const model = 'llama-3.1-8b';
const question = 'Name a town in Quebec.';
const Town = z.object({ name: z.string().max(30), inhabitants: z.int() });
const task = 'Call find_town for Marie, then get_weather for her town, and then send_message with the weather.';

const findTown = tool({
  name: 'find_town',
  description: 'Find the town of a person',
  parameters: z.object({ name: z.string() }),
  execute: async () => 'Rimouski',
});
const getWeather = tool({
  name: 'get_weather',
  description: 'The weather of a town',
  parameters: z.object({ town: z.string() }),
  execute: async ({ town }) => `In ${town} it snows.`,
});
const sendMessage = tool({
  name: 'send_message',
  description: 'Send a message',
  parameters: z.object({ text: z.string() }),
  execute: async ({ text }) => `Sent: ${text}`,
});
const calls = ['tool_call_item', 'tool_call_output_item'];

export async function chat() {
  const agent = new Agent({ name: 'Assistant', instructions: 'Be short.', model, modelSettings: { maxTokens: 20 } });
  const result = await run(agent, question);
  assert.ok(result.finalOutput);
  assert.ok(result.rawResponses[0].usage.outputTokens <= 20);
}

export async function stream() {
  const result = await run(new Agent({ name: 'Assistant', model, modelSettings: { maxTokens: 40 } }), question, {
    stream: true,
  });
  const texts = [];
  for await (const text of result.toTextStream()) texts.push(text);
  await result.completed;
  assert.ok(texts.length > 1);
  assert.equal(texts.join(''), result.finalOutput);
}

export async function structuredOutput() {
  const result = await run(new Agent({ name: 'Assistant', model, outputType: Town }), question);
  Town.parse(result.finalOutput);
}

export async function tools() {
  const modelSettings = { toolChoice: 'required', temperature: 0 };
  const agent = new Agent({ name: 'Assistant', model, tools: [getWeather], modelSettings });
  const result = await run(agent, 'What is the weather in Gaspé?');
  assert.deepEqual(result.newItems.slice(0, 2).map((item) => item.type), calls);
  assert.equal(result.newItems.at(-1).type, 'message_output_item');
}

export async function twoToolsInARow() {
  const result = await scripted().run(createAgent([findTown, getWeather]), task);
  assert.deepEqual(listKinds(result), [...calls, ...calls, 'message_output_item']);
}

export async function threeToolsInARow() {
  const agent = createAgent([findTown, getWeather, sendMessage]);
  const result = await scripted().run(agent, task, { stream: true });
  await result.completed;
  assert.deepEqual(listKinds(result), [...calls, ...calls, ...calls, 'message_output_item']);
  assert.equal(result.newItems[5].output, 'Sent: In Rimouski it snows.');
}

function createAgent(available) {
  return new Agent({ name: 'Assistant', model, tools: available });
}

function scripted() {
  return createRunner({ baseURL: process.env.SCRIPTED_BASE_URL });
}

function createRunner(options) {
  const provider = { baseURL: process.env.OPENAI_BASE_URL, apiKey: process.env.OPENAI_API_KEY, useResponses: false };
  return new Runner({ modelProvider: new OpenAIProvider({ ...provider, ...options }) });
}

function listKinds(result) {
  return result.newItems.map((item) => item.type);
}

export async function responses() {
  const answer = createRunner({ useResponses: true }).run(new Agent({ name: 'Assistant', model }), question);
  await assert.rejects(answer, { status: 404, message: /setOpenAIAPI/ });
  return 'The API has no /v1/responses (404).';
}

export async function wrongKey() {
  const answer = createRunner({ apiKey: 'wrong' }).run(new Agent({ name: 'Assistant', model }), question);
  await assert.rejects(answer, { status: 401, code: 'invalid_api_key' });
}

export async function unknownModel() {
  const answer = run(new Agent({ name: 'Assistant', model: 'gpt-9' }), question);
  await assert.rejects(answer, { status: 404, code: 'model_not_found' });
}

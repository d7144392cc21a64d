// @langchain/openai, and an agent of LangChain. They find the edge by OPENAI_BASE_URL and OPENAI_API_KEY.

import assert from 'node:assert/strict';

import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';

const model = 'llama-3.1-8b';
const question = 'Name a town in Quebec.';
const Town = z.object({ name: z.string().max(30), inhabitants: z.int() });
const task = 'Call find_town for Marie, then get_weather for her town, and then send_message with the weather.';

const llm = new ChatOpenAI({ model, temperature: 0, maxTokens: 60 });
const scripted = new ChatOpenAI({ model, configuration: { baseURL: process.env.SCRIPTED_BASE_URL } });

const findTown = tool(async () => 'Rimouski', {
  name: 'find_town',
  description: 'Find the town of a person',
  schema: z.object({ name: z.string() }),
});
const getWeather = tool(async ({ town }) => `In ${town} it snows.`, {
  name: 'get_weather',
  description: 'The weather of a town',
  schema: z.object({ town: z.string() }),
});
const sendMessage = tool(async ({ text }) => `Sent: ${text}`, {
  name: 'send_message',
  description: 'Send a message',
  schema: z.object({ text: z.string() }),
});

export async function chat() {
  const response = await llm.invoke([
    ['system', 'You are short.'],
    ['human', question],
  ]);
  assert.ok(response.content);
  assert.match(response.response_metadata.finish_reason, /^(stop|length)$/);
  assert.ok(response.usage_metadata.output_tokens <= 60);
}

export async function stream() {
  const chunks = [];
  for await (const chunk of await llm.stream(question)) chunks.push(chunk);
  const response = chunks.reduce((all, chunk) => all.concat(chunk));
  assert.ok(chunks.length > 2);
  assert.ok(response.content);
  assert.ok(response.usage_metadata.output_tokens <= 60);
}

export async function structuredOutput() {
  for (const method of ['jsonSchema', 'functionCalling']) {
    Town.parse(await llm.withStructuredOutput(Town, { method }).invoke(question));
  }
}

export async function tools() {
  const bound = llm.bindTools([getWeather], { tool_choice: 'get_weather' });
  const response = await bound.invoke('What is the weather in Gaspé?');
  assert.deepEqual(
    response.tool_calls.map((call) => call.name),
    ['get_weather'],
  );
  assert.equal(typeof response.tool_calls[0].args.town, 'string');
}

export async function streamedTools() {
  const chunks = [];
  const bound = llm.bindTools([getWeather], { tool_choice: 'any' });
  for await (const chunk of await bound.stream('What is the weather in Gaspé?')) chunks.push(chunk);
  const response = chunks.reduce((all, chunk) => all.concat(chunk));
  assert.deepEqual(
    response.tool_calls.map((call) => call.name),
    ['get_weather'],
  );
}

export async function twoToolsInARow() {
  assert.deepEqual(await runAgent([findTown, getWeather]), ['Rimouski', 'In Rimouski it snows.']);
}

export async function threeToolsInARow() {
  const results = await runAgent([findTown, getWeather, sendMessage]);
  assert.deepEqual(results, ['Rimouski', 'In Rimouski it snows.', 'Sent: In Rimouski it snows.']);
}

async function runAgent(available) {
  const agent = createAgent({ model: scripted, tools: available });
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: task }] });
  assert.equal(messages.at(-1).content, 'Done.');
  return messages.filter((message) => message.type === 'tool').map((message) => message.content);
}

export async function completion() {
  assert.ok(await new OpenAI({ model, maxTokens: 8, temperature: 0 }).invoke('One, two, three,'));
}

export async function embeddings() {
  const vector = await new OpenAIEmbeddings({ model: 'text-embedding-3-small' }).embedQuery('Hello');
  assert.equal(vector.length, 384);
}

export async function wrongKey() {
  await assert.rejects(new ChatOpenAI({ model, apiKey: 'wrong' }).invoke(question), { status: 401 });
}

export async function unknownModel() {
  await assert.rejects(new ChatOpenAI({ model: 'gpt-9' }).invoke(question), { status: 404 });
}

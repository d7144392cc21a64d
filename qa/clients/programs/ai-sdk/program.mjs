// The AI SDK with @ai-sdk/openai-compatible, which takes the URL of the edge.

import assert from 'node:assert/strict';

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, Output, embed, generateObject, generateText, isStepCount, streamObject, streamText, tool } from 'ai';
import { z } from 'zod';

const settings = {
  name: 'polargrid',
  baseURL: process.env.OPENAI_BASE_URL,
  apiKey: process.env.OPENAI_API_KEY,
  includeUsage: true,
  supportsStructuredOutputs: true,
};
const polargrid = createOpenAICompatible(settings);

const model = polargrid('llama-3.1-8b');
const prompt = 'Name a town in Quebec.';
const schema = z.object({ name: z.string().max(30), inhabitants: z.int() });

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
  const { object } = await generateObject({ model, schema, prompt, maxOutputTokens: 80 });
  schema.parse(object);
  const { output } = await generateText({ model, prompt, output: Output.object({ schema }), maxOutputTokens: 80 });
  schema.parse(output);
}

export async function streamedStructuredOutput() {
  const result = streamObject({ model, schema, prompt, maxOutputTokens: 80 });
  for await (const partial of result.partialObjectStream) assert.equal(typeof partial, 'object');
  schema.parse(await result.object);
}

export async function tools() {
  const inputs = [];
  const result = await generateText({
    ...weather(inputs),
    prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'none' }),
    stopWhen: isStepCount(2),
  });
  assert.equal(inputs.length, 1);
  assert.equal(typeof inputs[0].town, 'string');
  assert.deepEqual(result.steps.map((step) => step.finishReason)[0], 'tool-calls');
  assert.ok(result.text);
}

export async function streamedTools() {
  const inputs = [];
  const result = streamText({ ...weather(inputs), toolChoice: { type: 'tool', toolName: 'get_weather' } });
  await result.consumeStream();
  assert.equal(inputs.length, 1);
  assert.equal(await result.finishReason, 'tool-calls');
}

export async function completion() {
  const { text } = await generateText({
    model: polargrid.completionModel('llama-3.1-8b'),
    prompt: 'One, two, three,',
    maxOutputTokens: 8,
    temperature: 0,
  });
  assert.ok(text);
}

export async function embeddings() {
  const { embedding } = await embed({ model: polargrid.embeddingModel('text-embedding-3-small'), value: 'Hello' });
  assert.equal(embedding.length, 384);
}

export async function wrongKey() {
  const other = createOpenAICompatible({ ...settings, apiKey: 'wrong' });
  await assert.rejects(generateText({ model: other('llama-3.1-8b'), prompt }), { statusCode: 401 });
}

export async function unknownModel() {
  await assert.rejects(generateText({ model: polargrid('gpt-9'), prompt }), (error) => {
    assert.ok(APICallError.isInstance(error));
    assert.equal(error.statusCode, 404);
    assert.match(error.message, /gpt-9/);
    return true;
  });
}

function weather(inputs) {
  return {
    model,
    temperature: 0,
    prompt: 'What is the weather in Gaspé?',
    tools: {
      get_weather: tool({
        description: 'The weather of a town',
        inputSchema: z.object({ town: z.string().max(30) }),
        execute: async (input) => {
          inputs.push(input);
          return `In ${input.town} it snows.`;
        },
      }),
    },
  };
}

// Runs a client's program as play.py does: each function that it exports is a scenario.
//
// `node play.mjs PROGRAM` prints a line of JSON for each, in the order of the source.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// What a client writes to its console goes to stderr.
globalThis.console = new console.Console(process.stderr);

const path = resolve(process.argv[2]);
const scenarios = await import(pathToFileURL(path));

// The names of a module are sorted; those of the source have its order.
const source = readFileSync(path, 'utf8');
const names = [...source.matchAll(/^export async function (\w+)/gm)].map((match) => match[1]);

for (const scenario of names) {
  const startedAt = performance.now();
  const outcome = await runScenario(scenarios[scenario]);
  const seconds = Math.round((performance.now() - startedAt) / 10) / 100;
  process.stdout.write(`${JSON.stringify({ scenario, ...outcome, seconds })}\n`);
}

async function runScenario(scenario) {
  try {
    const reason = (await scenario()) ?? '';
    return { outcome: reason ? 'unsupported' : 'passed', reason };
  } catch (error) {
    console.error(error);
    return { outcome: 'failed', reason: describe(error) };
  }
}

// The error, and the line of the program that threw it.
function describe(error) {
  const line = `${error.stack}`.match(/program\.mjs:(\d+)/);
  return `${error}`.replace(/\s+/g, ' ') + (line ? ` (line ${line[1]})` : '');
}

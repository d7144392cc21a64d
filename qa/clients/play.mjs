// Plays a client's program as play.py does: each function that it exports is a scenario.
//
// `node play.mjs PROGRAM` prints a line of JSON for each, in the order in which they are written.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// What a client writes to its console must not stand between our lines.
globalThis.console = new console.Console(process.stderr);

const path = resolve(process.argv[2]);
const scenarios = await import(pathToFileURL(path));

// A module's names come sorted; those of the source come as they were written.
const written = [...readFileSync(path, 'utf8').matchAll(/^export async function (\w+)/gm)].map((found) => found[1]);

for (const scenario of written) {
  const began = performance.now();
  const played = await play(scenarios[scenario]);
  const seconds = Math.round((performance.now() - began) / 10) / 100;
  process.stdout.write(`${JSON.stringify({ scenario, ...played, seconds })}\n`);
}

async function play(scenario) {
  try {
    const reason = (await scenario()) ?? '';
    return { outcome: reason ? 'cannot' : 'passed', reason };
  } catch (failure) {
    console.error(failure);
    return { outcome: 'failed', reason: told(failure) };
  }
}

// The failure, and the line of the program that met it.
function told(failure) {
  const line = `${failure.stack}`.match(/program\.mjs:(\d+)/);
  return `${failure}`.replace(/\s+/g, ' ') + (line ? ` (line ${line[1]})` : '');
}

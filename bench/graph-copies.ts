import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { redact, scan } from '../src/index.js';
import { jdks } from '../test/e2e/graph/java-ways.js';
import type { Planted, WaysDump } from '../test/e2e/graph/ways.js';

/** What a copy of `redact --keep all` shows of the values that were found. */
export interface CopyFacts {
  /** Values that are whole in it, in a form that a process may have. */
  whole: number;
  /** Findings in it that fail the gate. */
  counts: number;
  /** What a tool of others reads of dump and copy; empty if it is not here. */
  loads: string;
}

/** `toolkit`: folder of the package heap-snapshot-toolkit, if it is there. */
export async function copyFacts(
  dump: WaysDump,
  found: readonly Planted[],
  toolkit: string | undefined,
): Promise<CopyFacts> {
  const output = `${dump.path}.copy`;
  await redact({ input: dump.path, output, keep: 'all' });
  const copy = readFileSync(output);
  const whole = found.filter((each) => formsOf(each).some((form) => copy.includes(form))).length;
  let counts = 0;
  for await (const event of scan({ paths: [output] })) if (event.type === 'finding' && event.counts) counts++;
  const [before, after] = await Promise.all([dump.path, output].map((path) => countsOf(path, toolkit)));
  const loads = before === after ? before : `NOT EQUAL: ${before} in the dump, ${after} in the copy`;
  return { whole, counts, loads: loads! };
}

/** A value as it was planted, as ASCII, and in UTF-16 of both orders. */
function formsOf({ value, bytes }: Planted): Buffer[] {
  const wide = Buffer.from(value, 'utf16le');
  return [bytes, Buffer.from(value), wide, Buffer.from(wide).swap16()];
}

/** Objects of a heap dump or nodes of a snapshot, as a tool of others counts them. */
async function countsOf(path: string, toolkit: string | undefined): Promise<string> {
  const head = readFileSync(path).subarray(0, 12).toString('latin1');
  if (head === 'JAVA PROFILE') return existsSync(VISUALVM) && jdks().length > 0 ? objectsOf(path) : '';
  return head.startsWith('{') && toolkit !== undefined ? nodesOf(path, toolkit) : '';
}

const VISUALVM = '/usr/share/visualvm';
const HEAP_COUNT = join(
  fileURLToPath(new URL('.', import.meta.url)).replace(/([\\/])dist\1/, '$1'),
  '../test/e2e/graph/HeapCount.java',
);

function objectsOf(path: string): string {
  const jars = ['visualvm', 'platform'].flatMap((folder) =>
    readdirSync(join(VISUALVM, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jar') && !name.includes('javafx'))
      .map((name) => join(VISUALVM, folder, name)),
  );
  return execFileSync(join(jdks().at(-1)!.home, 'bin/java'), ['-cp', jars.join(':'), HEAP_COUNT, path])
    .toString()
    .trim();
}

async function nodesOf(path: string, toolkit: string): Promise<string> {
  const { main } = JSON.parse(readFileSync(join(toolkit, 'package.json'), 'utf8')) as { main: string };
  const { parse } = (await import(pathToFileURL(join(toolkit, main)).href)) as {
    parse: (stream: NodeJS.ReadableStream) => Promise<{ nodeCount: number; totalSize: number }>;
  };
  const { nodeCount, totalSize } = await parse(createReadStream(path, 'utf8'));
  return `${nodeCount} nodes, ${totalSize} bytes`;
}

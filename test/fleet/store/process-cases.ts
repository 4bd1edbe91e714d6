import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { useHost } from '../../../fleet/src/host.js';
import { openStore } from '../../../fleet/src/store/open.js';
import * as host from '../../../src/index.js';
import { contentOf, dumpsOf, resultOf } from './made-up.js';
import { add, RULES } from './samples.js';

const WRITER = fileURLToPath(new URL('writer-process.js', import.meta.url));

interface Writer {
  process: ChildProcess;
  lines: string[];
  ready: Promise<void>;
  ended: Promise<unknown>;
}

function start(place: string, worker: string, lease: number): Writer {
  const child = spawn(process.execPath, [WRITER, place, worker, String(lease)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const ended = once(child, 'close');
  const ready = new Promise<void>((resolve) => {
    createInterface(child.stdout!).on('line', (line) => {
      if (line === 'ready') resolve();
      else lines.push(line);
    });
    void ended.then(() => resolve());
  });
  return { process: child, lines, ready, ended };
}

/** Waits until a writer has settled this number of dumps, or has ended. */
async function reached(writer: Writer, lines: number): Promise<void> {
  await writer.ready;
  while (writer.lines.length < lines && writer.process.exitCode === null) await sleep(2);
}

async function fill(place: string, count: number): Promise<void> {
  useHost(host);
  const store = await openStore(place);
  await add(store, dumpsOf(count));
  await store.close();
}

/** Digest and structure of a store after all work. */
async function outcome(place: string) {
  const store = await openStore(place);
  try {
    return { digest: await store.digest(), damage: await store.check() };
  } finally {
    await store.close();
  }
}

/** The digest of a store that one process has filled without a kill, in the order of names. */
async function undisturbed(place: string, count: number): Promise<string> {
  useHost(host);
  const store = await openStore(place);
  const dumps = await add(store, dumpsOf(count));
  for (const dump of dumps) {
    const name = dump.uri.replace(/.*\//, '');
    const { sha256, poison } = contentOf(name);
    const crash = { isCrash: true, code: 'crashed', message: '', isTemporary: false };
    if (poison) for (let i = 0; i < 3; i += 1) await store.fail(dump, RULES.digest, crash);
    else if (await store.isScanned(sha256, RULES.digest)) await store.link(dump, sha256);
    else await store.store(dump, resultOf(name));
  }
  await store.close();
  return (await outcome(place)).digest;
}

/** Several processes on one store: `place` makes a new one, `reference` one for a comparison. */
export function processCases(
  place: () => Promise<string>,
  reference: () => Promise<string>,
  { dumps, writers: count, kills }: { dumps: number; writers: number; kills: number },
): void {
  let whole: Promise<string> | undefined;
  const expected = () => {
    whole ??= reference().then((store) => undisturbed(store, dumps));
    return whole;
  };

  test('processes at once settle each dump once, and store each content once', async () => {
    const store = await place();
    await fill(store, dumps);
    const writers = Array.from({ length: count }, (_, i) => start(store, `worker ${i}`, 600_000));
    await Promise.all(writers.map(({ ended }) => ended));
    expect(writers.map((writer) => writer.process.exitCode)).toEqual(writers.map(() => 0));

    const lines = writers.flatMap((writer) => writer.lines);
    const names = dumpsOf(dumps).map(({ uri }) => uri.replace(/.*\//, ''));
    const poisoned = names.filter((name) => contentOf(name).poison);
    const contents = new Set(
      names.filter((name) => !poisoned.includes(name)).map((name) => contentOf(name).sha256),
    );
    const settled = lines.filter((line) => !line.startsWith('failed')).map((line) => line.replace(/.* /, ''));
    // A copy is done with its original, if its hash was known.
    expect(new Set(settled).size).toBe(settled.length);
    expect(lines.filter((line) => line.startsWith('stored')).length).toBe(contents.size);
    expect(lines.filter((line) => line.startsWith('late'))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('failed')).length).toBe(3 * poisoned.length);
    expect(await outcome(store)).toEqual({ digest: await expected(), damage: [] });
  });

  test(`after ${kills} kills at random moments the answers are those of one run`, async () => {
    const store = await place();
    await fill(store, dumps);
    let killed = 0;
    let settled = 0;
    for (let i = 0; i < kills; i += 1) {
      const writer = start(store, `w${i}`, 200);
      // While it works on one, also under load: after some lines, and a little later.
      await reached(writer, 1 + Math.floor(Math.random() * 8));
      await sleep(Math.random() * 20);
      if (writer.process.kill('SIGKILL')) killed += 1;
      await writer.ended;
      settled += writer.lines.length;
    }
    await start(store, 'last', 10_000).ended;
    expect(killed).toBeGreaterThan(0);
    expect(settled).toBeGreaterThan(0);
    expect(await outcome(store)).toEqual({ digest: await expected(), damage: [] });
  });
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as dumpsieve from 'dumpsieve';
import { p256Key, pkcs8Pem } from '../../../fixtures/keys.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { useHost } from '../../../fleet/src/host.js';
import { query } from '../../../fleet/src/query/query.js';
import { TestPostgres } from '../postgres.js';
import { type Added, AddProcess, type AddRequest, contentOf } from './add-processes.js';
import { makeDumps } from './made-dumps.js';
import { WebServer } from './web-server.js';

/**
 * Work whose network is cut, in a network namespace of its own: all of its network is the loopback device,
 * which this process takes down. Connections are not ended by that: nothing answers any more. Arguments: what
 * is tried, a folder, a Node that pg-boss runs on. Prints a {@link CutReport}.
 */
export interface CutReport {
  /** What a process has printed, or how it failed. */
  runs: { result: Added | undefined; error: string; seconds: number; output: number }[];
  /** Whether a key that is in no dump is present, after each run. */
  presences: string[];
  /** Stores without and with a cut, at the end. */
  digests: string[];
}

useHost(dumpsieve);

const MADE = { count: 12, shared: 4, copies: 2, poison: 0 };
/** Dumps that are read before the cut. */
const BEFORE = 3;
const PORT = 5432;

const [what, folder, node] = process.argv.slice(2) as [string, string, string];

const network = (state: 'up' | 'down'): void => {
  execFileSync('ip', ['link', 'set', 'lo', state]);
};

network('up');
const dumps = join(folder, 'dumps');
mkdirSync(dumps);
makeDumps(dumps, MADE);
const key = join(folder, 'key.pem');
writeFileSync(key, pkcs8Pem(p256Key(new SeededRandom('in no dump'))));
let isToBeCut = true;
const web = await WebServer.start();
const names = readdirSync(dumps);
for (const [i, name] of names.entries()) {
  if (i === BEFORE)
    // Its second half comes too late.
    web.put('/dumps/half.core', oneMore(), async () => {
      if (isToBeCut) network('down');
      isToBeCut = false;
    });
  web.put(`/dumps/${name}`, readFileSync(join(dumps, name)));
}
const list = join(folder, 'list');
writeFileSync(list, web.urls.join('\n'));

/** A dump that is none of the others. */
function oneMore(): Buffer {
  const own = join(folder, 'one-more');
  mkdirSync(own);
  makeDumps(own, { count: 0, shared: 0, copies: 0, poison: 1 });
  return readFileSync(join(own, 'poison-0.core'));
}

const report: CutReport = { runs: [], presences: [], digests: [] };

const request = (store: string, more: Partial<AddRequest> = {}): AddRequest => ({
  heartbeat: 10,
  ...more,
  options: { store, paths: [`@${list}`], jobs: 2, scanner: { find: [key] }, ...more.options },
});

/** Runs a process to its end. */
async function run(process: AddProcess): Promise<void> {
  const start = performance.now();
  let error = '';
  const result = await process.result().catch((thrown: Error) => {
    error = thrown.message;
    return undefined;
  });
  const seconds = (performance.now() - start) / 1000;
  report.runs.push({ result, error: error.slice(0, 2_000), seconds, output: process.printed });
}

async function ask(store: string): Promise<void> {
  for await (const event of query({ store, key: [key] }))
    if (event.type === 'target') report.presences.push(event.presence);
}

/** A store in a file: what is not read is reported, and done by a later run. */
async function inFile(): Promise<void> {
  const store = join(folder, 'cut.store');
  const patience = 30_000;
  await run(new AddProcess(request(store, { patience })));
  await ask(store);
  // Not even listed.
  await run(new AddProcess(request(store, { patience })));
  await ask(store);
  network('up');
  await run(new AddProcess(request(store)));
  await ask(store);
  await undisturbed(store);
}

async function undisturbed(store: string): Promise<void> {
  const whole = join(folder, 'whole.store');
  await new AddProcess(request(whole)).result();
  for (const each of [whole, store]) report.digests.push((await contentOf(each)).digest);
}

/** A worker of a queue that loses dumps and its server: for a while, and for longer than its patience. */
async function onServer(): Promise<void> {
  const server = await TestPostgres.start(['listen_addresses=127.0.0.1', `port=${PORT}`]);
  try {
    for (const isForever of [false, true]) {
      const own = await server.newDatabase();
      const local = `${own}?port=${PORT}`;
      const store = `postgres://postgres@127.0.0.1:${PORT}/${own.replace(/.*\//, '')}`;
      await new AddProcess(request(local, { options: { store: local, isListOnly: true } }), node).result();
      isToBeCut = true;
      const work = (more: Partial<AddRequest> = {}): AddProcess =>
        new AddProcess(request(store, { verb: 'work', options: { store, untilEmpty: true }, ...more }), node);
      const worker = work(isForever ? { patience: 20_000 } : {});
      if (!isForever) {
        while (isToBeCut) await sleep(50);
        await sleep(40_000);
        network('up');
      }
      await run(worker);
      await ask(local);
      network('up');
      // It takes what the worker has left, after its last heartbeat.
      if (isForever) await run(new AddProcess(request(local, { options: { store: local } }), node));
      await ask(local);
      await undisturbed(local);
    }
  } finally {
    await server.remove();
  }
}

await { file: inFile, server: onServer }[what]!();
await web.stop();
process.stdout.write(JSON.stringify(report));

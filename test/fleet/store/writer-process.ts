import { setTimeout as sleep } from 'node:timers/promises';
import { type Host, useHost } from '../../../fleet/src/host.js';
import { openStore } from '../../../fleet/src/store/open.js';
import { DumpsieveError } from '../../../src/core/base/runtime/errors.js';
import { contentOf, resultOf } from './made-up.js';
import { RULES, SCOPE } from './samples.js';

/**
 * A process that works as a supervisor does, but makes results up: `PLACE WORKER LEASE_MS`. It writes a line
 * for each dump that it has settled: `stored`, `linked` or `failed`, and its name.
 */
const [place, worker, lease] = process.argv.slice(2) as [string, string, string];
useHost({ DumpsieveError } as Host);

const say = (line: string) => process.stdout.write(`${line}\n`);
const until = () => new Date(Date.now() + Number(lease)).toISOString();

const store = await openStore(place, { role: 'worker' });
say('ready');
for (;;) {
  const dumps = await store.claim(SCOPE, worker, until(), 4);
  if (dumps.length === 0) {
    if ((await store.pending(SCOPE)).dumps === 0) break;
    await sleep(10);
  }
  for (const dump of dumps) {
    const name = dump.uri.replace(/.*\//, '');
    const { sha256, poison } = contentOf(name);
    if (poison) {
      await store.fail(dump, RULES.digest, {
        isCrash: true,
        code: 'crashed',
        message: '',
        isTemporary: false,
      });
      say(`failed ${name}`);
    } else if (await store.claimContent(sha256, RULES.digest, worker, until(), dump)) {
      say(`${(await store.store(dump, resultOf(name))) ? 'stored' : 'late'} ${name}`);
    } else if (await store.isScanned(sha256, RULES.digest)) {
      await store.link(dump, sha256);
      say(`linked ${name}`);
    } else await store.release(worker, [dump.id]);
  }
}
await store.close();

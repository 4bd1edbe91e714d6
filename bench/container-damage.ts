import { readFileSync } from 'node:fs';
import { Scanner } from '../src/index.js';
import { damage, KINDS } from '../test/hostile/container-damage.js';
import { missed, PLANTED } from '../test/hostile/planted-containers.js';

/**
 * Cuts and changes containers of every kind, then changes headers of containers with a secret in a member:
 * `node dist/bench/container-damage.js [COUNT [KIND…]]`. Prints each that was read as whole and is not, or
 * whose secret was missed; exit status 1 if there is one.
 */

const [count = '500', ...names] = process.argv.slice(2);
const core = readFileSync('fixtures/dumps/signer.core');
let failed = 0;

/** Runs a check of one kind, which returns what is wrong. */
async function check(name: string, containers: number, wrong: () => Promise<string[]>): Promise<void> {
  if (names.length > 0 && !names.includes(name)) return;
  const started = process.cpuUsage();
  const failures = await wrong();
  failed += failures.length;
  const seconds = (process.cpuUsage(started).user / 1e6).toFixed(1);
  console.log(`${name}: ${containers} damaged, ${failures.length} not reported, ${seconds} s`);
  for (const each of failures.slice(0, 10)) console.log(`  ${each}`);
}

for (const kind of KINDS)
  await check(kind.name, 2 * Number(count), async () =>
    (await damage(kind, core, Number(count))).map((each) => `${each.damage}: ${each.what}`),
  );
const scanner = await Scanner.open({ jobs: 1 });
for (const kind of PLANTED) await check(kind.name, Number(count), () => missed(scanner, kind, Number(count)));
await scanner.close();
process.exitCode = failed > 0 ? 1 : 0;

import { readFileSync } from 'node:fs';
import { damage, KINDS } from '../test/hostile/container-damage.js';

/**
 * Cuts and changes containers of every kind: `node dist/bench/container-damage.js [COUNT [KIND…]]`. Prints
 * each that was read as whole and is not; exit status 1 if there is one.
 */

const [count = '500', ...names] = process.argv.slice(2);
const core = readFileSync('fixtures/dumps/signer.core');
let failed = 0;
for (const kind of KINDS) {
  if (names.length > 0 && !names.includes(kind.name)) continue;
  const started = process.cpuUsage();
  const failures = await damage(kind, core, Number(count));
  failed += failures.length;
  const seconds = (process.cpuUsage(started).user / 1e6).toFixed(1);
  console.log(`${kind.name}: ${2 * Number(count)} damaged, ${failures.length} not reported, ${seconds} s`);
  for (const { damage: how, what } of failures.slice(0, 10)) console.log(`  ${how}: ${what}`);
}
process.exitCode = failed > 0 ? 1 : 0;

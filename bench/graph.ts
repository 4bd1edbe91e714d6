/**
 * Values in heaps of real programs whose names only pointers lead to: which of them a scan finds, by which
 * name, and whether they count. Values are fresh in each run; the truth is a search for their bytes.
 *
 *   node dist/bench/graph.js [--jvm=-XX:+UseG1GC] [--keep DIR] [--seed TEXT]
 *
 * Each JDK of this machine dumps its heap. `found`: a finding at the value; `named`: by its own name;
 * `counts`: it fails the gate; `wrong`: names that are not the value's; `copy`: values found that are
 * whole in a copy of `redact --keep all`.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Finding, redact, scan } from '../src/index.js';
import { compareWays } from '../test/e2e/graph/compare.js';
import { dumpWays, jdks, type WaysDump } from '../test/e2e/graph/java-ways.js';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: randomUUID() },
    jvm: { type: 'string', multiple: true, default: [] },
    keep: { type: 'string' },
  },
});

async function findingsOf(path: string): Promise<{ findings: Finding[]; seconds: number }> {
  const findings: Finding[] = [];
  const before = process.cpuUsage();
  for await (const event of scan({ paths: [path] })) if (event.type === 'finding') findings.push(event);
  const { user, system } = process.cpuUsage(before);
  return { findings, seconds: (user + system) / 1e6 };
}

async function wholeInCopy(dump: WaysDump, isFound: (index: number) => boolean): Promise<number> {
  const output = `${dump.path}.copy`;
  await redact({ input: dump.path, output, keep: 'all' });
  const copy = readFileSync(output);
  return dump.planted.filter(({ bytes }, i) => isFound(i) && copy.includes(bytes)).length;
}

const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'dumpsieve-graph-'));
console.log('runtime'.padEnd(16), 'ways found named counts wrong decoys others copy CPU');
try {
  for (const { version, home } of jdks()) {
    const own = join(folder, version);
    mkdirSync(own, { recursive: true });
    const dump = dumpWays(home, own, options.seed, options.jvm);
    const { findings, seconds } = await findingsOf(dump.path);
    const { ways, others } = compareWays(dump, findings);
    const links = ways.filter(({ group }) => group === 'link');
    const decoys = ways.filter(({ group, found }) => group === 'decoy' && found);
    const counts = [
      links.length,
      links.filter(({ found }) => found).length,
      links.filter(({ named }) => named).length,
      links.filter((each) => each.counts).length,
      ways.filter(({ wrong }) => wrong.length > 0).length,
      decoys.length,
      others.length,
      await wholeInCopy(dump, (index) => ways[index]!.found),
    ];
    const widths = [4, 5, 5, 6, 5, 6, 6, 4];
    const cells = counts.map((count, i) => String(count).padStart(widths[i]!));
    console.log(`Java ${version}`.padEnd(16), cells.join(' '), `${seconds.toFixed(1)} s`);
    const missed = links.filter(({ found }) => !found).map(({ way }) => way);
    if (missed.length > 0) console.log('  not found:', missed.join(', '));
  }
} finally {
  if (options.keep === undefined) rmSync(folder, { recursive: true });
}

/**
 * Values in heaps of real programs whose names only pointers lead to: which of them a scan finds, by which
 * name, and whether they count. Values are fresh in each run; the truth is a search for their bytes.
 *
 *   node dist/bench/graph.js [--jvm=-XX:+UseG1GC] [--node PATH] [--only LABEL] [--keep DIR] [--seed TEXT]
 *                            [--toolkit node_modules/heap-snapshot-toolkit]
 *
 * Each JDK of this machine dumps its heap (by parallel threads with --jvm=-Ddump.threads=4), Node writes a
 * heap snapshot, and gcore dumps programs of other runtimes. `found`: a finding at the value; `named`: by its
 * own name; `counts`: it fails the gate; `wrong`:
 * names that are not the value's; `copy`: values found that are whole in a copy of `redact --keep all`;
 * `again`: findings in the copy that fail the gate. Where VisualVM or the toolkit is installed, it reads dump
 * and copy, and what it counts is printed.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Finding, scan } from '../src/index.js';
import { compareWays } from '../test/e2e/graph/compare.js';
import { dumpCore, HOLDERS, type Holder } from '../test/e2e/graph/core-ways.js';
import { dumpKeys } from '../test/e2e/graph/java-keys.js';
import { dumpWays, jdks } from '../test/e2e/graph/java-ways.js';
import { javaHolder, nodeHolder } from '../test/e2e/graph/managed-cores.js';
import { dumpSnapshot } from '../test/e2e/graph/node-ways.js';
import type { WaysDump } from '../test/e2e/graph/ways.js';
import { findProgram } from '../test/support/programs.js';
import { copyFacts } from './graph-copies.js';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: randomUUID() },
    jvm: { type: 'string', multiple: true, default: [] },
    node: { type: 'string', multiple: true, default: [process.execPath] },
    only: { type: 'string', default: '' },
    keep: { type: 'string' },
    toolkit: { type: 'string' },
  },
});

async function findingsOf(path: string): Promise<{ findings: Finding[]; seconds: number }> {
  const findings: Finding[] = [];
  const before = process.cpuUsage();
  for await (const event of scan({ paths: [path] })) if (event.type === 'finding') findings.push(event);
  const { user, system } = process.cpuUsage(before);
  return { findings, seconds: (user + system) / 1e6 };
}

const versionOf = (node: string) => `Node ${execFileSync(node, ['--version']).toString().trim()}`;

/** Dumps of what this machine has, each written into a folder. */
const DUMPS: [label: string, dump: (folder: string) => WaysDump | Promise<WaysDump>][] = [
  ...jdks().map(({ version, home }): (typeof DUMPS)[number] => [
    `Java ${version}`,
    (folder) => dumpWays(home, folder, options.seed, options.jvm),
  ]),
  ...jdks().flatMap(({ version, home }) =>
    [true, false].map((live): (typeof DUMPS)[number] => [
      `Keys ${version}${live ? '' : ' all'}`,
      (folder) => dumpKeys(home, folder, options.seed, options.jvm, live),
    ]),
  ),
  ...options.node.map((node): (typeof DUMPS)[number] => [
    versionOf(node),
    (folder) => dumpSnapshot(node, folder, options.seed),
  ]),
  ...[
    ...Object.entries<Holder>(HOLDERS),
    ...jdks().map(({ version, home }): [string, Holder] => [`Core Java ${version}`, javaHolder(home)]),
    ...options.node.map((node): [string, Holder] => [`Core ${versionOf(node)}`, nodeHolder(node)]),
  ]
    .filter(([, { needs }]) => needs.every((each) => findProgram(each) !== undefined || existsSync(each)))
    .map(([label, holder]): (typeof DUMPS)[number] => [
      label,
      (folder) => dumpCore(holder, folder, options.seed),
    ]),
];

const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'dumpsieve-graph-'));
console.log(`values of --seed ${options.seed}`);
console.log('runtime'.padEnd(16), 'ways found named counts wrong decoys others copy again CPU');
try {
  for (const [label, write] of DUMPS.filter(([label]) => label.includes(options.only))) {
    const own = join(folder, label.replaceAll(' ', '-'));
    mkdirSync(own, { recursive: true });
    const dump = await write(own);
    const { findings, seconds } = await findingsOf(dump.path);
    const { ways, others } = compareWays(dump, findings);
    const links = ways.filter(({ group }) => group === 'link');
    for (const { way, name, wrong } of ways) if (wrong.length > 0) console.log('  wrong:', way, name, wrong);
    const decoys = ways.filter(({ group, found }) => group === 'decoy' && found);
    const found = dump.planted.filter((_, index) => ways[index]!.found);
    const copy = await copyFacts(dump, found, options.toolkit);
    const counts = [
      links.length,
      links.filter(({ found }) => found).length,
      links.filter(({ named }) => named).length,
      links.filter((each) => each.counts).length,
      ways.filter(({ wrong }) => wrong.length > 0).length,
      decoys.length,
      others.length,
      copy.whole,
      copy.counts,
    ];
    const widths = [4, 5, 5, 6, 5, 6, 6, 4, 5];
    const cells = counts.map((count, i) => String(count).padStart(widths[i]!));
    console.log(label.padEnd(16), cells.join(' '), `${seconds.toFixed(1)} s`);
    if (copy.loads !== '') console.log('  dump and copy:', copy.loads);
    const titles = (some: typeof ways) => some.map(({ way, name }) => `${way} (${name})`).join(', ');
    const missed = links.filter(({ found }) => !found);
    if (missed.length > 0) console.log('  not found:', titles(missed));
    const unnamed = links.filter(({ found, named }) => found && !named);
    if (unnamed.length > 0) console.log('  not named:', titles(unnamed));
    const silent = links.filter((each) => each.found && !each.counts);
    if (silent.length > 0) console.log('  does not count:', titles(silent));
    if (decoys.length > 0) console.log('  decoys:', titles(decoys));
    for (const { title, confidence, occurrences } of others)
      console.log(`  other: ${title}, ${confidence}, ${JSON.stringify(occurrences[0]?.owner ?? {})}`);
  }
} finally {
  if (options.keep === undefined) rmSync(folder, { recursive: true });
}

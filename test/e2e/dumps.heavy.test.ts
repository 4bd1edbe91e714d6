import { basename, dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import { reportOf, runBash, scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { expectOnlyKnown, expectSightings, type Truth } from '../support/expectations.js';
import { withTempDir } from '../support/folder.js';
import { bruteForce } from '../support/needles.js';
import { gcore, kernelCore, mappings } from '../support/processes.js';
import type { RequirementName } from '../support/programs.js';
import { addressesOf } from '../support/readelf.js';
import type { Report } from '../support/reports.js';
import * as holders from './targets.js';

type Holder = holders.Holder;

interface Case {
  name: string;
  needs: RequirementName[];
  start(folder: string): Promise<Holder>;
  dump: 'gcore' | 'kernel';
  /** Forms present in such a process every time: the byte search must find them. */
  sighted: string[];
}

const node = {
  needs: [] as RequirementName[],
  start: holders.nodeHolder,
  sighted: ['ec jwk', 'ed25519 der pkcs8', 'github token', 'npm token utf16', 'rsa pem pkcs8'],
};
const python = {
  needs: ['python3', 'python3-cryptography'] as RequirementName[],
  start: holders.pythonHolder,
  sighted: ['ec der sec1', 'ed25519 openssh', 'npm token', 'npm token utf16', 'rsa pem pkcs8'],
};
const c32 = {
  needs: ['gcc', 'gcc -m32'] as RequirementName[],
  start: holders.c32Holder,
  sighted: ['github token', 'rsa pem pkcs8'],
};

const cases: Case[] = [
  { name: 'a Node process, by gcore', ...node, dump: 'gcore' },
  { name: 'a Node process, by the kernel', ...node, dump: 'kernel' },
  { name: 'a Python process, by gcore', ...python, dump: 'gcore' },
  { name: 'a Python process, by the kernel', ...python, dump: 'kernel' },
  { name: 'a 32-bit program, by gcore', ...c32, dump: 'gcore' },
  { name: 'a 32-bit program, by the kernel', ...c32, dump: 'kernel' },
  {
    name: 'openssl s_server while it loads its key',
    needs: ['openssl', 'mkfifo'],
    start: holders.opensslLoadingHolder,
    dump: 'gcore',
    sighted: ['rsa pem pkcs8'],
  },
  // A live signer has no whole encoded form (bare numbers are tested elsewhere): no finding may be invented.
  { name: 'openssl s_server', needs: ['openssl'], start: holders.opensslHolder, dump: 'gcore', sighted: [] },
  {
    name: 'nginx while it loads its key',
    needs: ['nginx', 'openssl', 'mkfifo'],
    start: holders.nginxLoadingHolder,
    dump: 'gcore',
    sighted: ['ec pem pkcs8'],
  },
  { name: 'nginx', needs: ['nginx', 'openssl'], start: holders.nginxHolder, dump: 'gcore', sighted: [] },
  {
    name: 'ssh-keygen while it reads its key',
    needs: ['ssh-keygen', 'mkfifo'],
    start: holders.sshKeygenHolder,
    dump: 'gcore',
    sighted: ['ed25519 openssh'],
  },
];

const dumpers = {
  gcore: (holder: Holder, folder: string) => gcore(holder.target.pid, folder),
  kernel: (holder: Holder, folder: string) => kernelCore(holder.target, folder),
};
const dumperNeeds: Record<Case['dump'], RequirementName[]> = {
  gcore: ['gdb', 'readelf'],
  kernel: ['kernel cores in the working folder', 'readelf'],
};

/** Starts, dumps and searches a process, and passes the core and the results to `body`. */
async function dumped(
  row: Case,
  body: (core: string, truth: Truth, holder: Holder) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    const holder = await row.start(folder);
    try {
      const maps = mappings(holder.target.pid);
      const core = await dumpers[row.dump](holder, folder);
      const sightings = bruteForce(core, holder.needles);
      await body(
        core,
        { sightings, keys: holder.keys, addressOf: addressesOf(core), mappings: maps },
        holder,
      );
    } finally {
      await holder.target.stop();
    }
  });
}

function environmentNames(report: Report): (string | undefined)[] {
  const occurrences = report.findings.flatMap((finding) => finding.occurrences);
  return occurrences.filter((o) => o.region.kind === 'environment').map((o) => o.region.name);
}

for (const row of cases) {
  describeWith([...row.needs, ...dumperNeeds[row.dump]], `a dump of ${row.name}`, () => {
    test('yields every key and token of a byte search, once, with its place', async () => {
      await dumped(row, async (core, truth, holder) => {
        const forms = new Set(truth.sightings.map(({ secret, form }) => `${secret} ${form}`));
        expect([...forms].sort()).toEqual(expect.arrayContaining(row.sighted));

        const { status, stderr, report } = await scanJson([core]);
        expect(stderr).toBe('');
        expectSightings(report, truth);
        expectOnlyKnown(report, truth);
        expect(status).toBe(report.findings.some((finding) => finding.counts) ? 1 : 0);
        if (row.sighted.length > 0) expect(status).toBe(1);

        expect(report.artifacts).toHaveLength(1);
        expect(report.artifacts[0]).toMatchObject({
          format: 'elf-core',
          process: { pid: holder.target.pid, bits: row.start === holders.c32Holder ? 32 : 64 },
          coverage: { file: { unread: [] } },
        });
        const variables = Object.keys(holder.tokens).filter((name) => row.sighted.includes(`${name} token`));
        expect(environmentNames(report).sort()).toEqual(
          variables.map((name) => `${name.toUpperCase()}_TOKEN`),
        );
      });
    });
  });
}

const containers = [
  { name: 'core.zst as a file', pack: 'zstd -q core', scan: 'dumpsieve scan --format json core.zst' },
  { name: 'core.gz as a file', pack: 'gzip -k core', scan: 'dumpsieve scan --format json core.gz' },
  {
    name: 'core.zst on standard input',
    pack: 'zstd -q core',
    scan: 'dumpsieve scan --format json - < core.zst',
  },
  {
    name: 'a core on standard input',
    pack: 'zstd -q core',
    scan: 'zstd -dcq core.zst | dumpsieve scan --format json -',
  },
  {
    name: 'a core in a FIFO',
    pack: 'zstd -q core',
    scan: 'dumpsieve scan --format json <(zstd -dcq core.zst)',
  },
];

describeWith([...python.needs, ...dumperNeeds.kernel, 'zstd', 'gzip', 'bash'], 'a packed dump', () => {
  test.each(containers)('$name yields the same as the core itself', async ({ pack, scan }) => {
    const row: Case = { name: 'a Python process', ...python, dump: 'kernel' };
    await dumped(row, async (core, truth) => {
      const script = `mv ${basename(core)} core && ${pack} && ${scan}`;
      const result = await runBash(script, { cwd: dirname(core) });
      const report = reportOf(result);
      expectSightings(report, truth);
      expectOnlyKnown(report, truth);
      expect(result).toMatchObject({ status: 1, stderr: '' });
      expect(report.artifacts.at(-1)?.format).toBe('elf-core');
    });
  });
});

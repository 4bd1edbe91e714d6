import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import type { ArtifactReport, ScanEvent, ScanOptions, Summary } from '../../src/index.js';
import type { Conclusion } from '../../src/scan/conclusion.js';
import { Outcome } from '../../src/scan/outcome.js';
import { unopenedFiles } from '../../src/scan/unopened-files.js';
import { Sources } from '../../src/source/sources.js';
import { buildElfCore } from '../formats/build-elf.js';
import { parts } from '../search/harness.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Files that were named or found in a folder, and not read when the scan was stopped, are in the report. */

const bytes = fixtureDumps().find(({ name }) => name === 'signer.core')!.bytes;

interface Stopped {
  artifacts: ArtifactReport[];
  summary: Summary;
}

/** Scans, and stops after this number of swept bytes; 0: before the first. */
async function stopAfter(sweptBytes: number, options: ScanOptions): Promise<Stopped> {
  const abort = new AbortController();
  const stop = () => abort.abort('time-limit');
  if (sweptBytes === 0) stop();
  const onProgress: ScanOptions['onProgress'] = (at) => {
    if (at.bytes >= sweptBytes) stop();
  };
  const events: ScanEvent[] = [];
  for await (const event of scan({ ...options, signal: abort.signal, onProgress })) events.push(event);
  const summary = events.at(-1);
  if (summary?.type !== 'summary') throw new Error('a report without its end');
  return { artifacts: events.filter((event) => event.type === 'artifact'), summary };
}

const namesOf = ({ artifacts }: Stopped): string[] =>
  artifacts.filter(({ format }) => format === 'not-opened').map(({ path }) => path);

test('each file that was not opened is reported once, with its size', async () => {
  await withTempDir(async (folder) => {
    mkdirSync(join(folder, 'sub'));
    for (const name of ['a.core', 'b.core', 'sub/c.core', 'd.core']) writeFileSync(join(folder, name), bytes);
    symlinkSync('a.core', join(folder, 'link'));
    const paths = [join(folder, 'a.core'), folder, join(folder, 'd.core'), join(folder, 'none')];
    const stopped = await stopAfter(bytes.length, { paths });
    expect(namesOf(stopped)).toEqual(['b.core', 'd.core', 'sub/c.core'].map((name) => join(folder, name)));
    expect(stopped.artifacts).toHaveLength(4);
    for (const { verdict, size, coverage } of stopped.artifacts.slice(1)) {
      expect({ verdict, size }).toEqual({ verdict: 'incomplete', size: bytes.length });
      const reason = 'not opened: the scan was stopped (time-limit)';
      expect(coverage.file).toEqual({
        bytes: bytes.length,
        unread: [{ offset: 0, length: bytes.length, reason }],
      });
    }
    expect(stopped.summary).toMatchObject({ complete: false, artifacts: 4 });
    expect(stopped.summary.warnings.map(({ code }) => code)).toEqual(['stopped', 'path-missing']);
  });
});

test('if nothing was opened all is reported, patterns and standard input too', async () => {
  await withTempDir(async (folder) => {
    for (const name of ['a.core', 'b.core']) writeFileSync(join(folder, name), bytes);
    const stdin = new PassThrough();
    const stopped = await stopAfter(0, { paths: [join(folder, '*.core'), '-'], stdin });
    expect(namesOf(stopped)).toEqual([join(folder, 'a.core'), join(folder, 'b.core'), '-']);
    expect(stopped.artifacts.at(-1)?.coverage.file.unread).toMatchObject([{ offset: 0, length: null }]);
    expect(stopped.summary).toMatchObject({ complete: false, exit: 2 });
  });
});

test('standard input that was not read to its end is reported', async () => {
  const stdin = new PassThrough();
  stdin.write(bytes);
  const abort = new AbortController();
  const artifacts: string[] = [];
  for await (const event of scan({ paths: ['-'], stdin, signal: abort.signal })) {
    // After its first event the scan reads standard input, which does not end.
    if (event.type === 'run') setImmediate(() => abort.abort('interrupted'));
    if (event.type === 'artifact') artifacts.push(`${event.path} ${event.format}`);
  }
  expect(artifacts).toEqual(['- not-opened']);
});

test('bytes whose hits were not all examined are reported as unread', async () => {
  await withTempDir(async (folder) => {
    const hits = Array.from({ length: 60_000 }, (_, i) => `ghp_${String(i).padStart(36, 'a7Qz')}\0`).join('');
    writeFileSync(join(folder, 'hits'), hits);
    const { artifacts } = await stopAfter(1, { paths: [join(folder, 'hits')] });
    const reason = 'not read: the scan was stopped (time-limit)';
    expect(artifacts[0]?.verdict).toBe('incomplete');
    expect(artifacts[0]?.coverage.file.unread).toEqual([{ offset: 0, length: hits.length, reason }]);
  });
});

test('an aborted search for bare keys is reported', async () => {
  await withTempDir(async (folder) => {
    const heap = new Memory();
    const key = rsaFrom('stopped', 1024);
    heap.filler(4096);
    for (const name of ['n', 'p', 'q']) heap.chunk(LAYOUTS['limbs-le']!(parts(key)[name]!));
    const core = buildElfCore({ segments: [{ vaddr: 0x7f00_0000_0000n, bytes: heap.bytes() }] }).bytes;
    writeFileSync(join(folder, 'core'), core);
    const { artifacts } = await stopAfter(core.length, { paths: [join(folder, 'core')] });
    const reason = expect.stringMatching(
      /^the search for RSA keys was stopped: the scan was stopped \(time-limit\), so .*; let the scan run/,
    );
    const limit = { offset: 0, length: core.length, search: 'rsa-numbers', reason };
    expect(artifacts[0]?.coverage.limits).toContainEqual(expect.objectContaining(limit));
  });
});

test('an aborted search for bare keys is reported where there are no numbers of RSA keys', async () => {
  await withTempDir(async (folder) => {
    const heap = new Memory();
    heap.filler(4096);
    for (let i = 1; i <= 64; i++) heap.chunk(createHash('sha256').update(`number ${i}`).digest());
    const file = join(folder, 'core');
    writeFileSync(file, heap.bytes());
    const { artifacts } = await stopAfter(heap.bytes().length, { paths: [file] });
    const reason = expect.stringMatching(/^the search for keys without a marker was stopped: /);
    expect(artifacts[0]?.coverage.limits).toContainEqual(
      expect.objectContaining({ search: 'numbers', reason }),
    );
  });
});

test('the answer for a target is incomplete for a file that was not opened', async () => {
  await withTempDir(async (folder) => {
    for (const name of ['a.core', 'b.core']) writeFileSync(join(folder, name), bytes);
    const key = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
    writeFileSync(join(folder, 'key.pem'), key);
    const abort = new AbortController();
    const options = {
      paths: [join(folder, '*.core')],
      find: [join(folder, 'key.pem')],
      signal: abort.signal,
    };
    const onProgress: ScanOptions['onProgress'] = (at) => {
      if (at.bytes >= bytes.length) abort.abort('time-limit');
    };
    const results: unknown[] = [];
    for await (const event of scan({ ...options, onProgress }))
      if (event.type === 'find') results.push(...event.results);
    expect(results).toMatchObject([
      { artifact: 0, status: 'absent' },
      { artifact: 1, status: 'absent', complete: false },
    ]);
  });
});

test('a scan that has read everything reports no file', async () => {
  await withTempDir(async (folder) => {
    writeFileSync(join(folder, 'a.core'), bytes);
    const artifacts: string[] = [];
    const abort = new AbortController();
    for await (const event of scan({ paths: [folder], signal: abort.signal })) {
      if (event.type !== 'artifact') continue;
      artifacts.push(event.format);
      abort.abort('interrupted');
    }
    expect(artifacts).toEqual(['elf-core']);
  });
});

test('files beyond the cap are counted', async () => {
  await withTempDir(async (folder) => {
    for (let i = 0; i < 1_100; i++) writeFileSync(join(folder, `${i}.core`), 'x');
    const signal = AbortSignal.abort('time-limit');
    const outcome = new Outcome({ exitZero: false, strict: false, expectAbsent: false });
    const unopened: Conclusion['unopened'] = ({ path, format, size, ...rest }) => {
      return { path, format, size, verdict: 'incomplete', ...rest };
    };
    const session = { options: { paths: [folder], signal }, outcome, unopened };
    const sources = new Sources([folder], { follow: false, ifNoFiles: 'warn' });
    // Without a deadline: the walk may be slow.
    const patience = new AbortController().signal;
    const paths = new Set<string>();
    for await (const { path } of unopenedFiles(sources, session, 0, patience)) paths.add(path);
    expect(paths.size).toBe(1_000);
    expect(outcome.notices.map(({ message }) => message)).toEqual([
      '100 further files were not opened: the scan was stopped (time-limit)',
    ]);
  });
});

test('the second walk ends at its deadline, with a warning', async () => {
  await withTempDir(async (folder) => {
    for (const name of ['a.core', 'b.core']) writeFileSync(join(folder, name), bytes);
    const signal = AbortSignal.abort('time-limit');
    const sources = new Sources([folder], { follow: false, ifNoFiles: 'warn' });
    for await (const event of sources.open()) {
      if (event.type === 'notice') continue;
      event.artifact?.close();
      event.close();
      break;
    }
    const outcome = new Outcome({ exitZero: false, strict: false, expectAbsent: false });
    const session = {
      options: { paths: [folder], signal },
      outcome,
      unopened: (): never => {
        throw new Error('a file was found after the deadline');
      },
    };
    for await (const artifact of unopenedFiles(sources, session, 1, AbortSignal.abort()))
      throw new Error(artifact.path);
    expect(outcome.notices).toMatchObject([
      {
        code: 'files-not-opened',
        message: [
          'the files of folders that were not listed were not opened',
          'the scan was stopped (time-limit)',
        ].join(': '),
      },
    ]);
  });
});

test('content that was not decoded is reported with its container', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'signer.core.gz');
    const packed = gzipSync(bytes);
    writeFileSync(path, packed);
    const stopped = await stopAfter(packed.length, { paths: [path] });
    expect(stopped.artifacts.map((artifact) => artifact.path)).toEqual([path]);
    expect(stopped.artifacts[0]?.coverage.file.unread).toContainEqual({
      offset: 0,
      length: null,
      reason: 'its content was not read: the scan was stopped',
    });
  });
});

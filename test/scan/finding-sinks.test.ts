import type { KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scanWithin } from '../../src/api/scan.js';
import type { ScanEvent } from '../../src/core/model/report.js';
import type { FindingSink } from '../../src/prove/judge/finding-sink.js';
import type { Judged } from '../../src/prove/judge/judged.js';
import type { ReportInternals } from '../../src/scan/report.js';
import { strongText } from '../prove/judge/judged-builder.js';
import { parts } from '../search/harness.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';

/** A second sink receives everything that is judged, whatever the caps of the report's fold. */

class Recorder implements FindingSink {
  readonly artifacts: string[] = [];
  readonly judgements: (Judged & { id: string })[] = [];
  /** Secrets are zero once the scan has ended. */
  readonly texts: string[] = [];
  readonly copies: { id: string; offset: number }[] = [];

  artifact(index: number, { path }: { path: string }): void {
    this.artifacts[index] = path;
  }

  judged(judged: Judged, { id }: { id: string }): boolean {
    this.judgements.push({ ...judged, id });
    this.texts.push(Buffer.from(judged.candidate.secret.reveal()).toString());
    return true;
  }

  copy(id: string, { offset }: { offset: number }): void {
    this.copies.push({ id, offset });
  }
}

async function scanInto(bytes: Buffer, within: ReportInternals): Promise<ScanEvent[]> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'dump');
    writeFileSync(path, bytes);
    const events: ScanEvent[] = [];
    for await (const event of scanWithin({ paths: [path] }, within)) events.push(event);
    return events;
  });
}

const token = (seed: number): string => ['ghp', strongText(seed, 36)].join('_');

test('a second sink receives every judged candidate, unmasked, beyond the cap of the fold', async () => {
  const tokens = Array.from({ length: 8 }, (_, i) => token(i + 1));
  const recorder = new Recorder();
  const bytes = Buffer.from(tokens.join('\n'));
  const events = await scanInto(bytes, { sinks: [recorder], foldCaps: { findings: 2 } });
  expect(events.filter(({ type }) => type === 'finding')).toHaveLength(2);
  expect(recorder.artifacts).toHaveLength(1);
  expect(recorder.texts.filter((secret) => tokens.includes(secret))).toEqual(tokens);
});

test('a second sink receives every copy, of a finding that is not listed too', async () => {
  const key = rsaFrom('finding-sinks', 1024);
  const prime = parts(key).p!;
  const pemOf = (each: KeyObject): string => each.export({ type: 'pkcs1', format: 'pem' }) as string;
  const first = pemOf(rsaFrom('finding-sinks, first', 1024));
  const head = Buffer.from(first + pemOf(key));
  const padded = Buffer.concat([Buffer.alloc(256), prime]);
  const bytes = Buffer.concat([head, ...Array<Buffer>(6).fill(padded), Buffer.alloc(256)]);
  const places = Array.from({ length: 6 }, (_, i) => head.length + i * padded.length + 256);
  // The first key fills a list of one finding.
  for (const foldCaps of [{ findings: 1 }, { occurrences: 2 }]) {
    const recorder = new Recorder();
    const events = await scanInto(bytes, { sinks: [recorder], foldCaps });
    expect(events.filter(({ type }) => type === 'finding')).toHaveLength(foldCaps.findings ?? 2);
    const id = recorder.judgements.find(({ candidate }) => candidate.offset === first.length)?.id;
    const copies = recorder.copies.filter((copy) => copy.id === id);
    expect(copies.map(({ offset }) => offset)).toEqual(places);
  }
});

test('the bytes of every secret are zero once the scan has ended', async () => {
  const recorder = new Recorder();
  const pem = rsaFrom('finding-sinks', 1024).export({ format: 'pem', type: 'pkcs8' }) as string;
  await scanInto(Buffer.from(`${token(1)}\n${pem}`), { sinks: [recorder] });
  const secrets = recorder.judgements.flatMap(({ candidate, proof }) => [
    candidate.secret,
    ...(proof?.status === 'proven' ? proof.components.map(({ value }) => value) : []),
  ]);
  expect(secrets.length).toBeGreaterThan(5);
  for (const secret of secrets) expect(secret.reveal().every((byte) => byte === 0)).toBe(true);
});

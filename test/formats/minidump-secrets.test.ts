import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ed25519Key, pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { githubToken } from '../../fixtures/tokens.js';
import type { ScanEvent, Wide } from '../../src/core/model/report.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';
import { Writer } from './build-elf.js';
import {
  ARCHITECTURES,
  type ArchitectureName,
  context,
  MinidumpBuilder,
  memory64List,
  memoryList,
  PLATFORM,
  STREAM,
  systemInfo,
  threadList,
} from './build-minidump.js';

const UNKNOWN = 0x4d7a0001;
const STACK = 0x7fff0000n;
const MAPPED = 0x10000000n;
const random = new SeededRandom('minidump secrets');

/** Two keys and a token of its own for each place, so that none is the copy of another. */
const keys = { stack: ed25519Key(random), mapped: ed25519Key(random) };
const tokens = {
  commentA: githubToken(random),
  commentW: githubToken(random),
  handle: githubToken(random),
  unknown: githubToken(random),
  environment: githubToken(random),
};

interface Planted {
  offset: number;
  length: number;
  address?: string;
  region: object;
  wide?: Wide;
}

const LISTS = {
  MemoryList: (b: MinidumpBuilder, ranges: readonly [bigint, Buffer][]) => {
    const listed = ranges.map(([address, bytes]) => ({ address, size: bytes.length, rva: b.put(bytes) }));
    b.stream(STREAM.memory, memoryList(listed));
    return listed.map(({ rva }) => rva);
  },
  Memory64List: (b: MinidumpBuilder, ranges: readonly [bigint, Buffer][]) => {
    const rvas = ranges.map(([, bytes]) => b.put(bytes));
    const sizes = ranges.map(([address, bytes]) => ({ address, size: bytes.length }));
    b.stream(STREAM.memory64, memory64List(rvas[0]!, sizes));
    return rvas;
  },
};

/** A dump with a secret in each of its places, and what a scan has to say of them. */
function plantedDump(architecture: ArchitectureName, platform: number, list: keyof typeof LISTS) {
  const b = new MinidumpBuilder();
  const { number, context: size } = ARCHITECTURES[architecture];
  const memory = (text: string) => Buffer.concat([Buffer.alloc(80), Buffer.from(text), Buffer.alloc(96)]);
  const pems = { stack: pkcs8Pem(keys.stack), mapped: pkcs8Pem(keys.mapped) };
  const contextRva = b.put(context(architecture, STACK + 8n));
  const thread = {
    id: 7,
    stack: { address: STACK, size: memory(pems.stack).length, rva: 0 },
    context: { rva: contextRva, size },
  };
  const handles = new Writer('le').u32(16, 32, 1, 0).u64(4);
  handles.u32(b.string('Event'), b.string(`\\Sessions\\${tokens.handle}`, 'handle')).zeros(16);
  b.stream(STREAM.system, systemInfo(number, platform))
    .stream(STREAM.threads, threadList([thread]))
    .stream(STREAM.handles, handles.done())
    .stream(STREAM.commentA, Buffer.from(`note ${tokens.commentA}\0`), 'commentA')
    .stream(STREAM.commentW, Buffer.from(`note ${tokens.commentW}\0`, 'utf16le'), 'commentW')
    .stream(UNKNOWN, Buffer.from(`note ${tokens.unknown}\0`), 'unknown')
    .stream(STREAM.environment, Buffer.from(`A=b\0GH=${tokens.environment}\0C=d\0`), 'environment');
  const [stack, mapped] = LISTS[list](b, [
    [STACK, memory(pems.stack)],
    [MAPPED, memory(pems.mapped)],
  ]);
  const key = (rva: number, address: bigint, pem: string, region: object): Planted => ({
    offset: rva + 80,
    length: pem.trimEnd().length,
    address: `0x${(address + 80n).toString(16)}`,
    region,
  });
  const narrow = (label: keyof typeof tokens, skip: number, region: object): Planted => ({
    offset: b.rva(label) + skip,
    length: tokens[label].length,
    region,
  });
  const wide = (label: keyof typeof tokens, skip: number, region: object): Planted => ({
    offset: b.rva(label) + skip,
    length: tokens[label].length * 2,
    region,
    wide: 'le',
  });
  const note = (name: string) => ({ kind: 'note', name });
  const expected = [
    key(stack!, STACK, pems.stack, { kind: 'stack', thread: 7 }),
    key(mapped!, MAPPED, pems.mapped, { kind: 'mapping' }),
    wide('handle', 4 + 2 * '\\Sessions\\'.length, note('HandleDataStream ObjectName')),
    narrow('commentA', 'note '.length, note('CommentStreamA')),
    wide('commentW', 2 * 'note '.length, note('CommentStreamW')),
    narrow('unknown', 'note '.length, note('stream 0x4d7a0001')),
    narrow('environment', 'A=b\0GH='.length, { kind: 'environment', name: 'GH' }),
  ];
  return { bytes: b.done(), expected };
}

async function eventsOf(bytes: Uint8Array): Promise<ScanEvent[]> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'crash.dmp');
    writeFileSync(path, bytes);
    const events: ScanEvent[] = [];
    for await (const event of scan({ paths: [path], jobs: 1 })) events.push(event);
    return events;
  });
}

const CASES = (['x86', 'amd64', 'arm64'] as const).flatMap((architecture) =>
  (['windows', 'linux'] as const).flatMap((platform) =>
    (['MemoryList', 'Memory64List'] as const).map((list) => [architecture, platform, list] as const),
  ),
);

describe('secrets in a minidump', () => {
  test.each(CASES)('of %s on %s with %s are all found, each in its place, and no others', async (...each) => {
    const [architecture, platform, list] = each;
    const { bytes, expected } = plantedDump(architecture, PLATFORM[platform], list);
    const events = await eventsOf(bytes);
    const findings = events.filter((event) => event.type === 'finding');
    const sightings = findings
      .flatMap(({ occurrences }) => occurrences)
      .map(({ offset, length, address, region, wide }) => ({
        offset,
        length,
        ...(address === undefined ? {} : { address }),
        region,
        ...(wide === undefined ? {} : { wide }),
      }));
    const byOffset = (a: Planted, b: Planted) => a.offset - b.offset;
    expect(sightings.sort(byOffset)).toEqual([...expected].sort(byOffset));
    // One finding a secret, located where it lies; the keys are proven.
    expect(findings).toHaveLength(expected.length);
    for (const { location, occurrences, occurrenceCount } of findings) {
      const [{ offset, address, region } = { offset: -1 }] = occurrences;
      expect(occurrenceCount).toBe(1);
      expect(location).toMatchObject({ offset, region, ...(address === undefined ? {} : { address }) });
    }
    const proven = findings.filter(({ confidence, key }) => confidence === 'proven' && key !== undefined);
    const spki = (key: keyof typeof keys) =>
      createPublicKey(keys[key]).export({ format: 'der', type: 'spki' }).toString('base64');
    expect(proven.map(({ key }) => key!.spki).sort()).toEqual([spki('stack'), spki('mapped')].sort());
    expect(findings.filter(({ ruleId }) => ruleId === 'github-token')).toHaveLength(5);
    expect(events.find((event) => event.type === 'artifact')).toMatchObject({
      format: 'minidump',
      warnings: [],
      coverage: { file: { bytes: bytes.length, unread: [] }, memory: { missing: [] }, limits: [] },
    });
  });
});

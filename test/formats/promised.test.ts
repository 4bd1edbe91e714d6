import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import type { Unread } from '../../src/core/model/report.js';
import { openDump } from '../../src/formats/formats.js';
import { windowsBitmap } from './build-machine-dumps.js';
import { buildSnapshot } from './build-snapshot.js';
import { heapDump, PROMISED, snapshot } from './promised-dumps.js';

/** What a dump lacks, by opening it and by its audit, in pieces of `step` bytes. */
function lacking(bytes: Buffer, step = bytes.length): Unread[] {
  const { unread, audit } = openDump(bufferReader(bytes));
  const reads = audit?.();
  for (let at = 0; at < bytes.length; at += step) reads?.push(bytes.subarray(at, at + step));
  return [...unread, ...(reads?.end() ?? [])];
}

const isExplained = (all: readonly Unread[], what: string): void => {
  if (all.length === 0) throw new Error(`${what}: nothing is unread`);
  for (const { offset, length, reason } of all) {
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(length === null || length > 0).toBe(true);
    expect(reason.length).toBeGreaterThan(20);
  }
};

describe.each(PROMISED)('%s', (_name, { bytes, fields }, isUnread) => {
  test('is whole', () => {
    if (isUnread) isExplained(lacking(bytes), 'whole');
    else expect(lacking(bytes)).toEqual([]);
  });

  test('cut anywhere behind its magic is not', () => {
    const cuts = [
      bytes.length >> 2,
      bytes.length >> 1,
      ...[4096, 100, 9, 8, 2, 1].map((n) => bytes.length - n),
    ];
    for (const length of cuts)
      if (length > 64) isExplained(lacking(bytes.subarray(0, length)), `cut at ${length}`);
    for (let i = 1; i < 64; i++) {
      const length = 64 + Math.floor(((bytes.length - 64) * i) / 64);
      isExplained(lacking(bytes.subarray(0, length), 1000), `cut at ${length}`);
    }
  });

  test('with a changed count is not', () => {
    for (const { name, offset, size } of fields) {
      const known = Number(size === 4 ? bytes.readUInt32LE(offset) : bytes.readBigUInt64LE(offset));
      for (const value of [0, known - 1, known + 1, 2 * known, 0x7fffffff, 0xffffffff]) {
        if (value === known || value < 0 || value > 0xffffffff) continue;
        const changed = Buffer.from(bytes);
        changed.writeUInt32LE(value, offset);
        const isReported = lacking(changed).length > 0;
        expect(isReported ? '' : `${name} = ${value}`).toBe('');
      }
    }
  });
});

test('a bitmap with a page more or less than it promises is damaged', () => {
  const { bytes } = windowsBitmap(6);
  for (const page of [0, 1, 50, 99]) {
    const changed = Buffer.from(bytes);
    changed[0x2038 + (page >> 3)]! ^= 1 << (page & 7);
    isExplained(lacking(changed), `page ${page}`);
  }
});

describe('a heap snapshot', () => {
  const text = snapshot().bytes.toString();

  test.each([
    ['more nodes', /"node_count":40/, '"node_count":41'],
    ['fewer nodes', /"node_count":40/, '"node_count":39'],
    ['no count of nodes', /"node_count":40,/, ''],
    ['more edges', /"edge_count":40/, '"edge_count":400'],
    ['rows of another width', /"edge_fields":\["type",/, '"edge_fields":['],
    ['a lost row of nodes', /\n,3,5,/, '\n,'],
    ['a lost row of edges', /1,5,0\n,/, ''],
    ['no nodes', /"nodes"/, '"knots"'],
    ['no edges', /"edges"/, '"ridges"'],
  ])('with %s is not whole', (_name, field, changed) => {
    expect(text).toMatch(field);
    for (const step of [7, 1000, 1e6])
      isExplained(lacking(Buffer.from(text.replace(field, changed)), step), 'changed');
  });

  test.each([
    ['without nodes and edges', buildSnapshot({ nodes: [], edges: [] })],
    ['with spaces', `${text.replaceAll(',', ' , ').replaceAll(':', ' : ').replaceAll('[', ' [ ')}\r\n`],
    ['in one line', JSON.stringify(JSON.parse(text))],
  ])('%s is whole', (_name, whole) => {
    for (const step of [7, 1000, 1e6]) expect(lacking(Buffer.from(whole), step)).toEqual([]);
  });
});

describe('the length of a record of a heap dump', () => {
  test.each(['1.0.1', '1.0.2'] as const)('of version %s behind the end of the file', (version) => {
    const { bytes } = heapDump(version);
    for (let at = 31; at < bytes.length; at += 9 + bytes.readUInt32BE(at + 5)) {
      const changed = Buffer.from(bytes);
      changed.writeUInt32BE(0x7fffffff, at + 5);
      isExplained(lacking(changed), `record at ${at}`);
    }
  });
});

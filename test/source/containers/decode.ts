import { expect } from '@jest/globals';
import { memoryStorage } from '../../../src/core/base/bytes/storage.js';
import {
  type ContainerDecoder,
  type DecodeReport,
  newDecodeReport,
} from '../../../src/source/containers/decoding/decoder.js';
import { DecoderInput } from '../../../src/source/containers/decoding/input.js';

interface Decoded {
  bytes: Buffer;
  report: DecodeReport;
}

/** The content of a container of these bytes. */
export async function decode(decoder: ContainerDecoder, bytes: Uint8Array, room?: number): Promise<Decoded> {
  const report = newDecodeReport();
  const parts: Uint8Array[] = [];
  const input = new DecoderInput(memoryStorage(bytes));
  const buffer =
    room === undefined ? undefined : { reserve: () => new Uint8Array(room), commit: () => undefined };
  for await (const part of decoder(input, report, buffer)) {
    parts.push(Buffer.from(part));
    report.decoded += part.length;
  }
  return { bytes: Buffer.concat(parts), report };
}

export const codes = ({ report }: Decoded): string[] => report.warnings.map(({ code }) => code);

/** All of the content is right, and nothing is reported. */
export function expectWhole(decoded: Decoded, content: Uint8Array): void {
  expect([codes(decoded), decoded.report.unread]).toEqual([[], []]);
  expect(decoded.bytes.equals(content)).toBe(true);
}

/**
 * What differs from the content is reported as unread. Damage is noticed after some wrong content: then only
 * the rest is.
 */
export function expectHonest({ bytes, report }: Decoded, content: Uint8Array): void {
  const { unread, warnings } = report;
  expect(unread.length > 0).toBe(warnings.length > 0);
  const lost = unread.find(({ length }) => length === null);
  if (lost !== undefined) {
    expect(lost.offset).toBe(bytes.length);
    return;
  }
  const from = Math.min(bytes.length, ...unread.map(({ offset }) => offset));
  const to = Math.max(0, ...unread.map(({ offset, length }) => offset + length!));
  const tail = bytes.subarray(to);
  const isRight =
    unread.length === 0
      ? bytes.equals(content)
      : bytes.subarray(0, from).equals(content.subarray(0, from)) &&
        tail.equals(content.subarray(content.length - tail.length));
  if (!isRight) throw new Error(`wrong content outside ${from} to ${to} is not reported`);
}

/** Cuts the container every `step` bytes: a prefix is decoded, and the rest is reported. */
export async function expectCuts(
  decoder: ContainerDecoder,
  whole: Uint8Array,
  content: Uint8Array,
  step = 50,
  isEnd: (cut: number) => boolean = () => false,
): Promise<void> {
  for (let cut = 1; cut < whole.length; cut += step) {
    const read = await decode(decoder, whole.subarray(0, cut));
    if (isEnd(cut)) continue;
    expect([cut, read.report.unread]).toMatchObject([cut, [{ offset: read.bytes.length, length: null }]]);
    if (!read.bytes.equals(content.subarray(0, read.bytes.length))) throw new Error(`wrong before ${cut}`);
  }
}

/** Changes bits of single bytes: what differs is reported. */
export async function expectMutations(
  decoder: ContainerDecoder,
  whole: Uint8Array,
  content: Uint8Array,
  places: Iterable<number>,
): Promise<void> {
  for (const at of places) {
    for (const bits of [1, 0x80, 0xff]) {
      const changed = Buffer.from(whole);
      changed[at]! ^= bits;
      expectHonest(await decode(decoder, changed), content);
    }
  }
}

export const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

import { execFileSync } from 'node:child_process';
import { literalId } from '../../src/core/base/bytes/literal-id.js';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import type { Extent } from '../../src/core/model/report.js';
import type { Detected, PublicRecord, SecretCandidate } from '../../src/detect/core/types.js';
import { Examiner } from '../../src/detect/examine.js';
import { detectors } from '../../src/detect/table.js';
import type { View, Window } from '../../src/formats/memory/types.js';
import type { Literal, Rule, RuleSet } from '../../src/rules/types.js';
import { extentsOf } from './plain-view.js';

/** Naive engine over a buffer: literals by indexOf, and a View over segments in any memory order. */

const MIB = 1 << 20;

/** Memory order: file extents, one list per run of contiguous addresses. Empty: file order. */
export function viewOf(bytes: Uint8Array, runs: Extent[][] = []): View {
  const chains = runs.map((run) =>
    run.flatMap(({ offset, length }) => Array.from({ length }, (_, i) => offset + i)),
  );
  const all = runs.length === 0 ? [] : Array.from({ length: bytes.length }, (_, i) => i);
  const chainOf = (offset: number, order: 'memory' | 'file') =>
    (order === 'memory' ? chains.find((chain) => chain.includes(offset)) : undefined) ?? all;
  const window = (
    offset: number,
    before: number,
    after: number,
    order: 'memory' | 'file' = 'memory',
  ): Window => {
    if (runs.length === 0) {
      const start = Math.max(0, offset - before);
      const end = Math.min(bytes.length, offset + Math.min(after, MIB));
      return {
        bytes: bytes.subarray(start, end),
        at: offset - start,
        order,
        startsAtEdge: offset < before,
        endsAtEdge: offset + after > bytes.length,
        extents: (from, to) => [{ offset: start + from, length: to - from }],
        offsetOf: (index) => start + index,
      };
    }
    const chain = chainOf(offset, order);
    const at = chain.indexOf(offset);
    const part = chain.slice(Math.max(0, at - before), at + after);
    return {
      bytes: Uint8Array.from(part, (o) => bytes[o]!),
      at: Math.min(at, before),
      order,
      startsAtEdge: at < before,
      endsAtEdge: at + after > chain.length,
      extents: (from, to) => extentsOf(part.slice(from, to)),
      offsetOf: (index) => part[index]!,
    };
  };
  return {
    reader: bufferReader(bytes),
    window,
    sameInBothOrders: (offset, before, after) => {
      if (runs.length === 0) return true;
      const [memory, file] = [window(offset, before, after), window(offset, before, after, 'file')];
      return (
        JSON.stringify(memory.extents(0, memory.bytes.length)) ===
        JSON.stringify(file.extents(0, file.bytes.length))
      );
    },
  };
}

const hex = (text: string) => ({
  bytes: Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex')),
  text: false,
});
const text = (literal: string) => ({ bytes: Uint8Array.from(Buffer.from(literal, 'latin1')), text: true });

/** Anchors of the detectors. */
const ANCHORS: Record<string, { bytes: Uint8Array; text: boolean }[]> = {
  pem: [
    ...['Private-key-format: v1.', 'PrivateKey: ', 'Prime1: '].map(text),
    ...['RWQAAEIy', 'RWRTY0Iy', 'RWRCSwAA'].map(text),
    ...['-----BEGIN ', '-----END ', 'PRIVATE KEY-----', 'PuTTY-User-Key-File-', 'b3BlbnNzaC1rZXktdjEA'].map(
      text,
    ),
    ...['IBAAKCAQ', 'IBAAKBgQ', 'IBADANBgkqhkiG9w0BAQ', 'MIGHAgEAMBMG', 'MHcCAQEEI', 'MC4CAQAwBQYDK2'].map(
      text,
    ),
  ],
  der: [
    ...[
      '02 01 00 02 82',
      '02 01 00 02 81',
      '02 01 01 02 81',
      '02 01 01 02 82',
      '02 01 01 04',
      '02 01 00 02 41',
    ].map(hex),
    ...['02 03 01 00 01 02 82', '02 03 01 00 01 02 81', '02 81 81 00', '02 81 c1 00'].map(hex),
    ...[
      '2a864886f70d0101 01',
      '2a864886f70d01010a',
      '2a8648ce3d0201',
      '2a8648ce380401',
      '2a864886f70d010701',
    ].map(hex),
    ...[
      '2a864886f70d0105',
      '2a864886f70d010c01',
      '2b6570 04',
      '2b6571 04',
      '2b656e 04',
      '2b656f 04',
      '60864801650304',
    ].map(hex),
  ],
  openssh: [
    text('openssh-key-v1'),
    hex('6e 6f 6e 65 00 00 00 04 6e 6f 6e 65 00 00 00 00 00 00 00 01'),
    text('b3BlbnNzaC1rZXktdjEA'),
  ],
  jwk: ['"kty', '"qi"', '"qi\\'].map(text),
  cng: ['5253413200', '5253413300', '45435332', '45435334', '45435336', '45434b32', '4543445620000000'].map(
    hex,
  ),
  sexp: [
    ...['11:private-key(', '(private-key', '21:protected-private-key(', '(protected-private-key'].map(text),
    hex('03 01 0b 00 70 72 69 76 61 74 65 2d 6b 65 79'),
  ],
  spki: [
    ...[
      '2a864886f70d010101',
      '2a864886f70d01010a',
      '2a8648ce3d0201',
      '2a8648ce380401',
      '2b6570 03',
      '2b656e 03',
      '2b6571 03',
      '2b656f03',
    ].map(hex),
    hex('6086480165030403'),
    ...[
      '03 00 10 00 00 00 00 00 20 00',
      '04 00 10 00 00 00 00 00 30 00',
      '05 00 10 00 00 00 00 00 42 00',
      '00 00 00 07 73 73 68 2d 72 73 61 00 00',
      '00 00 00 13 65 63 64 73 61 2d 73 68 61 32 2d 6e 69 73 74 70',
      '00 00 00 0b 73 73 68 2d 65 64 32 35 35 31 39 00 00 00 20',
    ].map(hex),
    ...[
      'AAAAB3NzaC1yc2EAAAA',
      'AAAAE2VjZHNhLXNoYTItbmlzdH',
      'AAAAC3NzaC1lZDI1NTE5AAAAI',
      'CERTIFICATE REQUEST-----',
    ].map(text),
  ],
};

export function rule(detector: string, id = `${detector}-key`): Rule {
  return {
    id,
    name: id,
    kind: 'private-key',
    severity: 'critical',
    signing: true,
    impact: '',
    rotate: '',
    anchors: ANCHORS[detector] ?? [],
    caseless: false,
    window: { before: 0, after: 64 },
    detector,
    encodings: ['utf8', 'utf16le', 'utf16be'],
    boundary: 'none',
    checks: [],
    references: [],
    examples: [],
    counterexamples: [],
    source: 'test',
  };
}

export function ruleSet(...rules: Rule[]): RuleSet {
  const literals: Literal[] = [];
  for (const [index, { anchors }] of rules.entries())
    for (const anchor of anchors) {
      const same = literals.find((literal) => Buffer.compare(literal.bytes, anchor.bytes) === 0);
      if (same) same.rules.push(index);
      else literals.push({ bytes: anchor.bytes, caseless: false, wide: anchor.text, rules: [index] });
    }
  return { rules, sha256: '', literals };
}

function widened(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(bytes.length * 2 - 1);
  for (const [i, byte] of bytes.entries()) out[2 * i] = byte;
  return out;
}

/** Every hit of every literal, ascending. */
export function hitsOf(bytes: Uint8Array, rules: RuleSet): { offsets: number[]; ids: number[] } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const hits: [number, number][] = [];
  for (const [index, literal] of rules.literals.entries())
    for (const wide of literal.wide ? [false, true] : [false]) {
      const needle = wide ? widened(literal.bytes) : Buffer.from(literal.bytes);
      for (let at = buffer.indexOf(needle); at >= 0; at = buffer.indexOf(needle, at + 1))
        hits.push([at, literalId(index, wide)]);
    }
  hits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { offsets: hits.map(([at]) => at), ids: hits.map(([, id]) => id) };
}

const ALL = ['pem', 'der', 'openssh', 'jwk', 'spki', 'cng', 'sexp'];

/** Findings of the named detectors. */
export function detect(bytes: Uint8Array, names: string[] = ALL, runs: Extent[][] = []): Detected[] {
  const rules = ruleSet(...names.map((name) => rule(name)));
  const examiner = new Examiner(rules, viewOf(bytes, runs));
  return [...examiner.push(hitsOf(bytes, rules)), ...examiner.finish()];
}

export const candidates = (found: Detected[]): SecretCandidate[] =>
  found.filter((d) => d.type === 'candidate');
export const records = (found: Detected[]): PublicRecord[] => found.filter((d) => d.type === 'public');

/** Pseudo-random bytes (xorshift32). */
export function noise(length: number, seed = 1): Buffer {
  let x = seed * 2654435761 + 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      return x & 0xff;
    }),
  );
}

/** Noise with `bytes` at offset `at`. */
export const planted = (bytes: Uint8Array, at: number, after = 100): Buffer =>
  Buffer.concat([noise(at, at + 1), bytes, noise(after, at + 7)]);

export function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

export { detectors };

import { describe, expect, test } from '@jest/globals';
import type { Detected, Detector } from '../../src/detect/core/types.js';
import { Examiner } from '../../src/detect/examine.js';
import type { View } from '../../src/formats/memory/types.js';
import type { RuleSet } from '../../src/rules/types.js';
import fc from '../support/property.js';
import { detectors, hitsOf, noise, rule, ruleSet, viewOf } from './harness.js';
import { keys, rsa } from './keys.js';

const ALL = ['pem', 'der', 'openssh', 'jwk', 'spki', 'cng', 'sexp'].map((name) => rule(name));
const rules = ruleSet(...ALL);

/**
 * Hits that detectors see, and findings. `every`: the view knows the starts of texts, which turns skipping
 * off.
 */
function examined(bytes: Buffer, set: RuleSet, every = false, near?: View['reader']['near']) {
  let seen = 0;
  const counted = (detector: Detector): Detector => ({
    ...detector,
    examine: (group) => {
      seen += group.hits.length;
      return detector.examine(group);
    },
  });
  const table = new Map([...detectors].map(([name, detector]) => [name, counted(detector)]));
  const plain = viewOf(bytes);
  const reader = { ...plain.reader, ...(near && { near }) };
  const view: View = { ...plain, reader, ...(every ? { startsText: () => false } : {}) };
  const examiner = new Examiner(set, view, {
    table,
    ...(every ? { maxMatches: Number.POSITIVE_INFINITY } : {}),
  });
  const hits = hitsOf(bytes, set);
  const found: Detected[] = [...examiner.push(hits), ...examiner.finish()];
  return { seen, hits: hits.offsets.length, found: found.map(summary), limits: examiner.limits() };
}

const summary = (one: Detected) => [
  one.type,
  one.offset,
  one.length,
  one.type === 'public' ? one.form : [one.encoding, one.partial, one.title],
];

const pkcs8 = Buffer.from(rsa.export({ format: 'der', type: 'pkcs8' }) as Buffer);
const secrets = [
  pkcs8,
  Buffer.from(rsa.export({ format: 'pem', type: 'pkcs8' }) as string),
  Buffer.from(pkcs8.toString('base64')),
  Buffer.from(JSON.stringify(rsa.export({ format: 'jwk' }))),
  ...keys.slice(0, 5).flatMap(({ forms }) => Object.values(forms)),
];
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const units = [
  Buffer.from('IBAAKCAQ'),
  Buffer.from('MHcCAQEEI'),
  Buffer.from('MHcCAQEEI', 'utf16le'),
  Buffer.from('"kty'),
  Buffer.from('-----BEGIN PRIVATE KEY-----\n'),
  Buffer.from('PRIVATE KEY-----'),
  Buffer.from('(private-key'),
  Buffer.from('openssh-key-v1\0'),
  hex('02 01 00 02 82'),
  hex('02 01 00 02 82 30 82 02'),
  hex('45 43 53 32 20 00 00 00'),
];

describe('copies of failed hits', () => {
  test('are skipped, and keys among them are found', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...units),
        fc.nat(secrets.length - 1),
        fc.nat(5000),
        fc.integer({ min: 200_000, max: 330_000 }),
        fc.nat(40),
        (unit, which, front, at, shift) => {
          const secret = secrets[which]!;
          const bytes = Buffer.alloc(at + secret.length + 260_000, unit);
          noise(front, 3).copy(bytes);
          secret.copy(bytes, at);
          // The period continues with another phase.
          Buffer.alloc(150_000, unit).copy(bytes, at + secret.length + shift);
          const [short, long] = [examined(bytes, rules), examined(bytes, rules, true)];
          expect(short.found).toEqual(long.found);
          // Only part of the bytes can be read ahead.
          const some = (offset: number, length: number) => Math.max(0, Math.min(length, at - 9000 - offset));
          expect(examined(bytes, rules, false, some).found).toEqual(long.found);
          expect(short.found.length).toBeGreaterThan(0);
          expect(long.seen).toBeGreaterThanOrEqual(long.hits);
        },
      ),
      { numRuns: 12 },
    );
  });

  test.each(units.map((unit) => [unit.toString('latin1'), unit] as const))('of %j', (_, unit) => {
    const { seen, hits, found, limits } = examined(Buffer.alloc(4 << 20, unit), rules);
    expect(found).toEqual([]);
    expect(limits).toEqual([]);
    // Two or three groups of 64 KiB per rule, and those at the end of the file.
    expect(seen).toBeLessThan(hits / 8);
  });

  test('hits without a period beyond the budget are reported', () => {
    const random = noise(1 << 20, 9);
    const bytes = Buffer.alloc(3 << 20);
    // A different byte after each anchor.
    for (let at = 0; at + 6 <= bytes.length; at += 6) {
      bytes.write('"kty', at, 'latin1');
      bytes[at + 4] = random[at % random.length]! | 0x80;
    }
    const { found, limits, hits } = examined(bytes, ruleSet(rule('jwk')));
    expect(found).toEqual([]);
    const [{ reason, offset, length } = { reason: '', offset: 0, length: 0 }] = limits;
    const skipped = Number(/^(\d+) further hits of rule jwk-key were counted/.exec(reason)?.[1]);
    expect(skipped).toBeGreaterThan(hits / 2);
    expect(offset + length).toBeGreaterThan(bytes.length - 16);
  });
});

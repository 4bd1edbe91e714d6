import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { canonicalSpki, sha256Hex } from '../../src/core/asn1/spki.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { dumpJwkHolder, JWK_HOLDERS, jwkKeys } from './holders/jwk-members.js';

/** Names of the private members of a JWK, and the report's names for them. */
const COMPONENTS: Record<string, string> = { d: 'd', p: 'p', q: 'q', dp: 'dp', dq: 'dq', qi: 'qinv' };

function* placesOf(core: Buffer, needle: Buffer): Generator<number> {
  for (let at = core.indexOf(needle); at >= 0; at = core.indexOf(needle, at + 1)) yield at;
}

/** Each private member in the core, as `component at offset`. */
function members(core: Buffer, key: KeyObject): string[] {
  const jwk = key.export({ format: 'jwk' });
  return Object.entries(COMPONENTS).flatMap(([member, component]) => {
    const text = jwk[member as keyof typeof jwk];
    if (typeof text !== 'string') return [];
    const name = jwk.kty === 'OKP' ? 'seed' : component;
    return [...placesOf(core, Buffer.from(text))].map(
      (offset) => `${name} at ${offset}, ${text.length} bytes`,
    );
  });
}

/** The place with p and q swapped: the numbers alone do not determine which prime is called p. */
const renamed = (place: string) =>
  place.replace(/^(d?)([pq]) /, (_, d: string, prime: string) => `${d}${prime === 'p' ? 'q' : 'p'} `);

const spkiSha256 = (key: KeyObject) =>
  sha256Hex(canonicalSpki(createPublicKey(key).export({ format: 'der', type: 'spki' })));

for (const [name, { needs }] of Object.entries(JWK_HOLDERS))
  describeWith(needs, `JWK members in a core: ${name}`, () => {
    test('yield every key, with the place of each member', async () => {
      await withTempDir(async (folder) => {
        const keys = jwkKeys(name);
        const path = await dumpJwkHolder(name, folder, keys);
        const core = readFileSync(path);
        expect([...placesOf(core, Buffer.from('"kty":"'))]).toEqual([]);
        const { report } = await scanJson([path]);
        for (const [label, key] of Object.entries(keys)) {
          const found = report.findings.filter((finding) => finding.key?.spkiSha256 === spkiSha256(key));
          expect([label, found.map(({ confidence }) => confidence)]).toEqual([label, ['proven']]);
          const places = found[0]!.occurrences
            .filter(({ encoding = '', partial }) => encoding.startsWith('base64') && !partial)
            .map(({ component, offset, length }) => `${component} at ${offset}, ${length} bytes`);
          const there = members(core, key);
          expect(there.length).toBeGreaterThan(0);
          const sameNames = places.every((place) => !place.startsWith('p ') || there.includes(place));
          const expected = sameNames ? there : there.map(renamed);
          expect([label, ...places.sort()]).toEqual([label, ...expected.sort()]);
          expect(
            // Registers of a thread that was copying text are in the notes, without an address and truncated.
            found[0]!.occurrences.every(
              ({ address, region, partial }) =>
                partial || (address !== undefined && region.kind !== undefined),
            ),
          ).toBe(true);
        }
      });
    });
  });

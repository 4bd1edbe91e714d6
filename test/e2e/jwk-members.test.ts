import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { canonicalSpki, sha256Hex } from '../../src/asn1/spki.js';
import { ecFrom, ed25519From, rsaFrom } from '../search/seeded.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { withTempDir } from '../support/folder.js';
import { gcore, startTarget } from '../support/processes.js';
import { PYTHON, type RequirementName } from '../support/programs.js';
import { writePrivate } from '../support/secrets.js';

interface Holder {
  command: string;
  args: string[];
  needs: RequirementName[];
}

/** A Node process that keeps what an expression makes of `text`. */
const node = (expression: string): Holder => ({
  command: process.execPath,
  args: [
    '--expose-gc',
    '-e',
    `
      const { readFileSync, rmSync } = require('node:fs');
      const { createPrivateKey } = require('node:crypto');
      const bytes = readFileSync('keys.json');
      rmSync('keys.json');
      globalThis.keys = ((text) => ${expression})(bytes.latin1Slice());
      bytes.fill(0);
      setTimeout(() => { gc(); gc(); console.log('ready'); setInterval(() => {}, 1e6); }, 10);
      `,
  ],
  needs: ['gdb'],
});

/**
 * Each reads one JSON object of JWKs, keeps what the parser makes of it, and nothing of its text: in Node the text is so long that V8
 * keeps it outside its heap, where it is unmapped when it is collected; in Python it is a str of that size, which goes the same way.
 */
const HOLDERS: Record<string, Holder> = {
  Node: node('JSON.parse(text)'),
  'Node, exported': node(
    "Object.values(JSON.parse(text)).map((key) => createPrivateKey({ key, format: 'jwk' }).export({ format: 'jwk' }))",
  ),
  Python: {
    command: PYTHON,
    args: [
      '-c',
      `
import json, os, sys
def load():
    with open('keys.json', 'rb', buffering=0) as file:
        data = bytearray(os.path.getsize('keys.json'))
        file.readinto(data)
    keys = json.loads(str(data, 'latin1'))
    data[:] = bytes(len(data))
    return keys
keys = load()
os.remove('keys.json')
print('ready', flush=True)
sys.stdin.read()
      `,
    ],
    needs: ['gdb', 'python3'],
  },
};

/** White space behind the text, which makes it long enough. */
const PADDING = 2 << 20;
/** Names of the private members of a JWK and of the components that a report has. */
const COMPONENTS: Record<string, string> = { d: 'd', p: 'p', q: 'q', dp: 'dp', dq: 'dq', qi: 'qinv' };

/** The same in every run: one text in a thousand does not look random enough for the net. */
const keysOf = (holder: string): Record<string, KeyObject> => ({
  rsa: rsaFrom(holder, 2048),
  p256: ecFrom(holder, 'P-256', 'prime256v1', 32).key,
  p384: ecFrom(holder, 'P-384', 'secp384r1', 48).key,
  p521: ecFrom(holder, 'P-521', 'secp521r1', 66).key,
  ed25519: ed25519From(holder),
});

async function dumpOf(holder: string, folder: string, keys: Record<string, KeyObject>): Promise<string> {
  const jwks = Object.entries(keys).map(([name, key]) => [name, key.export({ format: 'jwk' })]);
  writePrivate(folder, 'keys.json', JSON.stringify(Object.fromEntries(jwks)) + ' '.repeat(PADDING));
  const { command, args } = HOLDERS[holder]!;
  const target = await startTarget(command, args, { cwd: folder, ready: 'ready' });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}

function* placesOf(core: Buffer, needle: Buffer): Generator<number> {
  for (let at = core.indexOf(needle); at >= 0; at = core.indexOf(needle, at + 1)) yield at;
}

/** Where each private member stands in the core, as `component at offset`. */
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

/** A place under the other name: from the numbers alone nobody can tell which prime is called p. */
const renamed = (place: string) =>
  place.replace(/^(d?)([pq]) /, (_, d: string, prime: string) => `${d}${prime === 'p' ? 'q' : 'p'} `);

const spkiSha256 = (key: KeyObject) =>
  sha256Hex(canonicalSpki(createPublicKey(key).export({ format: 'der', type: 'spki' })));

for (const [name, { needs }] of Object.entries(HOLDERS))
  describeWith(needs, `members of JWKs in a core: ${name}`, () => {
    test('give every key, and each member has its place', async () => {
      await withTempDir(async (folder) => {
        const keys = keysOf(name);
        const path = await dumpOf(name, folder, keys);
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
            // Registers of a thread that was copying a text lie in the notes, which have no address: a part of it.
            found[0]!.occurrences.every(
              ({ address, region, partial }) =>
                partial || (address !== undefined && region.kind !== undefined),
            ),
          ).toBe(true);
        }
      });
    });
  });

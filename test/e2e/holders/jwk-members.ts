import type { KeyObject } from 'node:crypto';
import { ecFrom, ed25519From, rsaFrom } from '../../search/seeded.js';
import { gcore, startTarget } from '../../support/processes.js';
import { PYTHON, type RequirementName } from '../../support/programs.js';
import { writePrivate } from '../../support/secrets.js';

interface JwkHolder {
  command: string;
  args: string[];
  needs: RequirementName[];
}

/** A Node process that keeps the value of an expression over `text`. */
const node = (expression: string): JwkHolder => ({
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
 * Each reads one JSON object of JWKs and keeps the parsed values, not the text. In Node the text is long
 * enough that V8 keeps it outside its heap and unmaps it on collection; a Python str of that size is
 * unmapped, too.
 */
export const JWK_HOLDERS: Record<string, JwkHolder> = {
  Node: node('JSON.parse(text)'),
  'Node, exported': node(`Object.values(JSON.parse(text)).map((key) =>
    createPrivateKey({ key, format: 'jwk' }).export({ format: 'jwk' }))`),
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

/** White space after the text that makes it long enough. */
const PADDING = 2 << 20;
/** The same keys in every run: one text in a thousand does not look random enough for the entropy net. */
export const jwkKeys = (holder: string): Record<string, KeyObject> => ({
  rsa: rsaFrom(holder, 2048),
  p256: ecFrom(holder, 'P-256', 'prime256v1', 32).key,
  p384: ecFrom(holder, 'P-384', 'secp384r1', 48).key,
  p521: ecFrom(holder, 'P-521', 'secp521r1', 66).key,
  ed25519: ed25519From(holder),
});

/** Has a holder read the JWKs of `keys`; returns the path of its core. */
export async function dumpJwkHolder(
  holder: string,
  folder: string,
  keys: Record<string, KeyObject>,
): Promise<string> {
  const jwks = Object.entries(keys).map(([name, key]) => [name, key.export({ format: 'jwk' })]);
  writePrivate(folder, 'keys.json', JSON.stringify(Object.fromEntries(jwks)) + ' '.repeat(PADDING));
  const { command, args } = JWK_HOLDERS[holder]!;
  const target = await startTarget(command, args, { cwd: folder, ready: 'ready' });
  try {
    return await gcore(target.pid, folder);
  } finally {
    await target.stop();
  }
}

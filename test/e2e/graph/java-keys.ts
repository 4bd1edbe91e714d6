import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Planted, WaysDump } from './ways.js';

/** Fields with the keys of Keys.java that fail the gate; of a key in several fields the one of all JDKs. */
const FIELDS: Readonly<Record<string, string>> = {
  hmac256: 'key',
  hmac512: 'key',
  ed25519: 'h',
  ed448: 'h',
  p256: 'arrayS',
  p384: 'arrayS',
  p521: 'arrayS',
  rsa: 'd',
  dsa: 'x',
  protection: 'password',
  pbe: 'password',
  callback: 'inputPassword',
  'bc-ed25519': 'data',
  'bc-ed448': 'data',
  'bc-secp256k1': 'd',
};

/** Those of session keys and keys of an agreement, by the front of the label. */
const WEIGHTLESS: readonly [front: string, field: string][] = [
  ['session', 'key'],
  ['x', 'k'],
  ['dh', 'x'],
  ['bc-x', 'data'],
];

/** Debian's libbcprov-java. */
const BOUNCY_CASTLE = '/usr/share/java/bcprov.jar';

const HERE = fileURLToPath(new URL('.', import.meta.url)).replace(/([\\/])dist\1/, '$1');

/** Runs the program in a JVM and has it dump its heap into `folder`; `live`: only what is reachable. */
export function dumpKeys(
  home: string,
  folder: string,
  seed: string,
  options: readonly string[] = [],
  live = true,
): WaysDump {
  const path = join(folder, 'keys.hprof');
  const sources = existsSync(BOUNCY_CASTLE) ? ['Keys.java', 'BouncyKeys.java'] : ['Keys.java'];
  const classes = `${folder}:${BOUNCY_CASTLE}`;
  execFileSync(
    join(home, 'bin/javac'),
    ['-cp', classes, '-d', folder, ...sources.map((name) => join(HERE, name))],
    { stdio: 'ignore' },
  );
  const output = execFileSync(
    join(home, 'bin/java'),
    ['-Xmx96m', `-Dseed=${seed}`, ...options, '-cp', classes, 'Keys', path, ...(live ? ['live'] : [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const dump = readFileSync(path);
  return {
    path,
    planted: output
      .toString()
      .trim()
      .split('\n')
      .map((line) => plantedKey(dump, line)),
  };
}

/** A key by its line: `label hex`. */
function plantedKey(dump: Buffer, line: string): Planted {
  const [label = '', value = ''] = line.split(' ');
  const name = FIELDS[label];
  const weightless = WEIGHTLESS.find(([front]) => label.startsWith(front))?.[1];
  const bytes = Buffer.from(value, 'hex');
  const group = name !== undefined ? 'link' : label.startsWith('decoy') ? 'decoy' : 'none';
  // ECPrivateKeyImpl has its number with the least octet first.
  const forms = name === 'arrayS' ? [bytes, Buffer.from(bytes).reverse()] : [bytes];
  const offsets = forms.flatMap((form) => [...placesOf(dump, form)]);
  return { way: label, name: name ?? weightless ?? '', form: 'raw', group, value, bytes, offsets };
}

function* placesOf(dump: Buffer, bytes: Buffer): Generator<number> {
  for (let at = dump.indexOf(bytes); at >= 0; at = dump.indexOf(bytes, at + 1)) yield at;
}

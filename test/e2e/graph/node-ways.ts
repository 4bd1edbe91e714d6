import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planted, plantedValues, type Way, type WaysDump } from './ways.js';

const way = (group: Way['group'], name: string, title: string): Way => ({
  way: title,
  name,
  form: 'text',
  group,
});

/** Ways in the order in which ways.cjs reads their values. */
export const NODE_WAYS: readonly Way[] = [
  way('link', 'jwtSecret', 'property'),
  way('link', '#apiSecret', 'private field'),
  way('link', 'db.password', 'Map'),
  way('link', 'STRIPE_SECRET_KEY', '{name, value}'),
  way('link', 'clientSecret', 'pair'),
  way('link', 'session-secret', 'dictionary'),
  way('link', 'webhookSecret', 'variable of a closure'),
  way('link', '<symbol accessToken>', 'symbol'),
  way('link', 'secretKeys', 'array'),
  way('link', 'refreshTokens', 'Set'),
  way('link', 'encryptionKey', 'concatenation, first part'),
  way('link', 'encryptionKey', 'concatenation, second part'),
  way('link', 'authToken', 'wrapper'),
  way('link', 'proxyPassword', 'object in an object'),
  way('link', 'smtpPassword', 'constant of a module'),
  way('link', 'adminPassword', 'global'),
  way('link', 'mailPassword', 'export'),
  way('link', 'relayPassword', 'slice of a string with no other random part'),
  ...['requestId', 'etag', 'sha256', 'publicKey', 'traceId', 'cacheKey'].map((name) =>
    way('decoy', name, 'property'),
  ),
  way('decoy', 'etag', 'Map'),
];

const SOURCE = fileURLToPath(import.meta.url).replace(/([\\/])dist\1(.*)node-ways\.js$/, '$1$2ways.cjs');

/** Runs the program in a Node, which writes a heap snapshot into `folder`. */
export function dumpSnapshot(node: string, folder: string, seed: string): WaysDump {
  const path = join(folder, 'ways.heapsnapshot');
  const values = plantedValues(NODE_WAYS, seed);
  execFileSync(node, [SOURCE, path], {
    input: `${values.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  return { path, planted: planted(readFileSync(path), NODE_WAYS, values) };
}

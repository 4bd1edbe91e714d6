import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { p256Key, pkcs8Pem } from '../../fixtures/keys.js';
import { SeededRandom } from '../../fixtures/random.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

const key = p256Key(new SeededRandom('an argument'));
const scalar = Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url').toString('hex');

test('an argument with a key that the sweep finds is masked in the first event', async () => {
  await withTempDir(async (folder) => {
    mkdirSync(join(folder, scalar));
    writeFileSync(join(folder, scalar, 'dump'), pkcs8Pem(key));
    const events = [];
    for await (const event of scan({ paths: [join(folder, scalar)] })) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(['run', 'artifact', 'finding', 'summary']);
    expect(JSON.stringify(events)).not.toContain(scalar.slice(0, 24));
    expect(JSON.stringify(events[0])).toContain('[masked: ');
  });
});

test('a path is masked if the last of 600 files shows what it holds', async () => {
  await withTempDir(async (folder) => {
    writeFileSync(join(folder, `0-${scalar}`), 'nothing');
    for (let i = 0; i < 600; i++) writeFileSync(join(folder, `1-${i}`), 'nothing');
    writeFileSync(join(folder, '2'), pkcs8Pem(key));
    const events = [];
    for await (const event of scan({ paths: [folder] })) events.push(event);
    expect(events.filter(({ type }) => type === 'artifact')).toHaveLength(602);
    expect(JSON.stringify(events)).not.toContain(scalar.slice(0, 24));
  });
});

test('arguments too short for a secret do not delay the first event', async () => {
  const stdin = new PassThrough();
  const events = scan({ paths: ['-'], stdin });
  expect((await events.next()).value).toMatchObject({ type: 'run' });
  stdin.end('nothing');
  for await (const event of events) expect(event.type).not.toBe('run');
});

test('a secret of the allow list is masked', async () => {
  await withTempDir(async (folder) => {
    const value = ['correct', 'horse', 'battery', '7'].join('%');
    const [allowed, dump] = [
      join(folder, 'known.env'),
      join(folder, Buffer.from(value).toString('base64url')),
    ];
    writeFileSync(allowed, `PASSWORD=${value}\n`);
    writeFileSync(dump, 'nothing');
    const events = [];
    for await (const event of scan({ paths: [dump], allow: [allowed] })) events.push(event);
    expect(JSON.stringify(events)).toContain('[masked: allowed]');
    expect(JSON.stringify(events)).not.toContain(Buffer.from(value).toString('base64url'));
  });
});

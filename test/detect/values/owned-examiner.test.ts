import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { OwnedExaminer } from '../../../src/detect/values/owned-examiner.js';
import type { Owned } from '../../../src/formats/memory/types.js';
import { loadBuiltin } from '../../../src/rules/builtin.js';
import { packTables } from '../../../src/sweep/values/tables.js';

const rules = loadBuiltin();
const packed = packTables(rules);
const tables = new SharedArrayBuffer(packed.length);
new Uint8Array(tables).set(packed);

const random = new SeededRandom('owned');
const VALUE = random.text(40, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');

interface Case extends Partial<Pick<Owned, 'form' | 'generic'>> {
  name: string;
  bytes?: Uint8Array;
}

function examined({ name, bytes = Buffer.from(VALUE), form = 'latin1', generic = false }: Case) {
  const memory = Buffer.concat([Buffer.alloc(10, 1), bytes, Buffer.alloc(10, 1)]);
  const examiner = new OwnedExaminer(rules, bufferReader(memory), { tables });
  const value = { offset: 10, length: bytes.length };
  return examiner.examine({
    value,
    form,
    generic,
    hops: 1,
    owner: { kind: 'field', name, of: 'p.Config' },
  });
}

const wide = Buffer.from(VALUE, 'utf16le');

describe('a value with the name of what holds it', () => {
  test.each<[string, Case, string | undefined]>([
    ['of a signing secret', { name: 'jwtSecret' }, 'named-secret:jwt-secret medium'],
    ['with words before it', { name: 'spring.datasource.password' }, 'named-secret:password medium'],
    ['behind a wrapper', { name: 'jwtSecret', generic: true }, 'named-secret:jwt-secret low'],
    ['of a collection', { name: 'refreshTokens' }, 'named-secret:refresh-token medium'],
    ['of a collection of public ones', { name: 'publicKeys' }, undefined],
    ['in UTF-16', { name: 'jwtSecret', form: 'utf16le', bytes: wide }, 'named-secret:jwt-secret medium'],
    [
      'in big-endian UTF-16',
      { name: 'jwtSecret', form: 'utf16be', bytes: Buffer.from(wide).swap16() },
      'named-secret:jwt-secret medium',
    ],
    [
      'of bytes',
      { name: 'hmacSecret', form: 'bytes', bytes: random.bytes(32) },
      'named-secret:hmac-secret medium',
    ],
    ['of bytes, and weak', { name: 'key', form: 'bytes', bytes: random.bytes(32) }, undefined],
    ['that is no secret’s', { name: 'etag' }, undefined],
    ['that says it is public', { name: 'jwtSecretHash' }, undefined],
    ['in a URL', { name: 'jwtSecret', bytes: Buffer.from(`https://host/${VALUE}`) }, undefined],
    ['in a sentence', { name: 'jwtSecret', bytes: Buffer.from(`it is ${VALUE}`) }, undefined],
  ])('%s', (_, given, expected) => {
    const found = examined(given);
    expect(found && `${found.rule.id} ${found.confidence}`).toBe(expected);
    if (found === undefined) return;
    expect([found.offset, found.length]).toEqual([10, (given.bytes ?? Buffer.from(VALUE)).length]);
    expect(found.owner).toEqual({ kind: 'field', name: given.name, of: 'p.Config' });
    expect(found.preview).not.toContain(VALUE.slice(0, 8));
  });

  test('whose name has a random piece shows none of it', () => {
    const piece = random.text(32, '0123456789abcdef');
    const found = examined({ name: `${piece}.password` });
    expect(JSON.stringify([found?.owner, found?.evidence])).not.toContain(piece);
  });

  test('is asked about by name alone first', () => {
    const examiner = new OwnedExaminer(rules, bufferReader(Buffer.alloc(0)), { tables });
    const names = ['jwtSecret', 'db.password', 'etag', 'orderId', VALUE, ''];
    expect(names.filter((name) => examiner.mayName(name))).toEqual(['jwtSecret', 'db.password']);
  });
});

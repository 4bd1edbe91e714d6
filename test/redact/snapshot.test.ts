import { describe, expect, test } from '@jest/globals';
import { hashedName } from '../../src/redact/core/names.js';
import { fillOf } from '../../src/redact/manifest/allow-list.js';
import { planSnapshot } from '../../src/redact/snapshot/snapshot.js';
import { buildSnapshot, type SnapshotSpec } from '../formats/build-snapshot.js';
import fc from '../support/property.js';
import { viewOf } from './planned-view.js';

const VALUES = ['string', 'regexp', 'number', 'concatenated string', 'sliced string', 'symbol', 'bigint'];
const NAMED = ['hidden', 'array', 'object', 'code', 'closure', 'native', 'synthetic', 'object shape'];
const stars = (text: string): string => '*'.repeat(Buffer.byteLength(text));

/** Texts of which some are used twice, with escapes and characters of several bytes. */
const text = fc.oneof(
  fc.constantFrom('password', 'a "quoted" one', 'C:\\temp', '\u0001\u2028é€😀', ''),
  fc.string({ unit: 'binary', maxLength: 12 }).map((each) => `_${each}`),
);
const spec: fc.Arbitrary<SnapshotSpec> = fc.record({
  nodes: fc.array(fc.record({ type: fc.constantFrom(...VALUES, ...NAMED), name: text }), { minLength: 1 }),
  edges: fc.array(
    fc.oneof(
      fc.record({ type: fc.constantFrom('context', 'property', 'internal', 'shortcut', 'weak'), name: text }),
      fc.record({ type: fc.constantFrom('element', 'hidden'), index: fc.nat(20) }),
    ),
  ),
  functions: fc.array(fc.record({ name: text, script: text }), { maxLength: 3 }),
  others: fc.array(text, { maxLength: 3 }),
});

async function copied(snapshot: string, options: { hashNames?: boolean } = {}): Promise<string> {
  const dump = Buffer.from(snapshot);
  const { read } = await viewOf(planSnapshot, dump, options);
  const copy = read(0, dump.length);
  expect(copy).toHaveLength(dump.length);
  return copy.toString();
}

const SMALL: SnapshotSpec = { nodes: [{ type: 'object', name: 'Object' }], edges: [] };

describe('the copy of a heap snapshot', () => {
  test('differs from it in strings alone that are no names, read in pieces of any size', () =>
    fc.assert(
      fc.asyncProperty(spec, fc.integer({ min: 50, max: 2000 }), fc.nat(), async (made, step, start) => {
        const dump = Buffer.from(buildSnapshot(made));
        const names = new Set([
          ...made.nodes.filter(({ type }) => NAMED.includes(type)).map(({ name }) => name),
          ...made.edges.map(({ name }) => name),
          ...(made.functions ?? []).flatMap(({ name, script }) => [name, script]),
          '<dummy>',
        ]);
        const expected = buildSnapshot(made, (json, each) => (names.has(each) ? json : stars(json)));
        const { read, facts } = await viewOf(planSnapshot, dump);
        const pieces = [];
        for (let at = 0; at < dump.length; at += step)
          pieces.push(read(at, Math.min(step, dump.length - at)));
        const copy = Buffer.concat(pieces);
        expect(copy.toString()).toBe(expected);
        expect(() => JSON.parse(copy.toString())).not.toThrow();
        expect(facts.heap).toMatchObject({ objects: made.nodes.length, damaged: 0 });
        expect(fillOf(facts)).toEqual({ byte: 0, text: '*'.charCodeAt(0) });
        const at = start % dump.length;
        expect(read(at, step).equals(copy.subarray(at, at + step))).toBe(true);
      }),
      { numRuns: 40 },
    ));

  test("has V8's own words in place of values", async () => {
    const labels = ['heap number', 'symbol', '(concatenated string)', 'bigint'];
    const snapshot = buildSnapshot({ ...SMALL, others: labels });
    expect(await copied(snapshot)).toBe(snapshot);
  });

  const entry = (key: string, value: string) =>
    `1 / part of key (${key} @21) -> value (${value} @23) pair in WeakMap (table @25)`;
  test.each([
    [entry('Object', 'secret'), entry('******', '******')],
    [entry('Object', 'a @1) -> value (secret'), entry('******', '*'.repeat(22))],
    [entry('Object', ') "é"'), entry('******', '*'.repeat(8))],
    ['12 / part of key (Object @21) -> value (secret that was cu', `12 / part of key (${'*'.repeat(40)}`],
  ])('has no key and value of a WeakMap in the name of an edge: %s', async (name, expected) => {
    const copy = await copied(buildSnapshot({ ...SMALL, edges: [{ type: 'internal', name }] }));
    expect((JSON.parse(copy) as { strings: string[] }).strings).toContain(expected);
  });

  test('has hashes of paths and addresses if that is asked for, of the same length', async () => {
    const paths = ['/home/user/secret.js', 'file:///home/x.js', 'C:\\work\\x.js', 'https://host/a?b'];
    const names = [...paths, 'path', 'node:fs', '/\ud83d\ude00'];
    const made = { ...SMALL, edges: names.map((name) => ({ type: 'property', name })) };
    const isPath = (name: string) => paths.includes(name) || name.startsWith('/');
    const expected = buildSnapshot(made, (json, name) =>
      isPath(name) ? hashedName(Buffer.from(json)).toString() : json,
    );
    expect(await copied(buildSnapshot(made), { hashNames: true })).toBe(expected);
    expect(await copied(buildSnapshot(made))).toBe(buildSnapshot(made));
  });

  test('has no name that is longer than V8 writes one where it would be replaced', async () => {
    const name = `/${'x'.repeat(9000)}`;
    const made = { ...SMALL, edges: [{ type: 'property', name }] };
    const expected = buildSnapshot(made, (json) => (json.startsWith('/') ? stars(json) : json));
    expect(await copied(buildSnapshot(made), { hashNames: true })).toBe(expected);
  });
});

describe('a heap snapshot is refused', () => {
  const sound = buildSnapshot({
    nodes: [
      { type: 'object', name: 'Object' },
      { type: 'string', name: 'value' },
    ],
    edges: [{ type: 'property', name: 'key' }],
  });
  test.each<[name: string, from: string | RegExp, to: string]>([
    ['with a text among its counts', '"node_count":2', '"title":"secret","node_count":2'],
    ['with a text among its fields', '"self_size"', '"self_size: secret"'],
    [
      'with deep lists in its head',
      '"node_count":2',
      `"node_count":2,"note":${'['.repeat(20)}${']'.repeat(20)}`,
    ],
    [
      'with very deep lists among its fields',
      '"meta":{',
      `"meta":{"note":${'['.repeat(4e3)}${']'.repeat(4e3)},`,
    ],
    ['with a key twice in its head', '"node_count":2', '"note":7,"note":8,"node_count":2'],
    ['with spaces in its head', '"node_count":2', '"node_count": 2'],
    ['with a text among numbers', '"samples":[]', '"samples":["secret"]'],
    ['with an object among numbers', '"samples":[]', '"samples":[{}]'],
    ['with an array that V8 does not write', '"samples":', '"secrets":'],
    ['with an array twice', '"samples":[]', '"samples":[],"samples":[]'],
    ['with a number in place of an array', '"samples":[]', '"samples":5'],
    ['with strings before nodes', /"nodes":[^\]]*\],\n/, ''],
    ['with an array behind its strings', /\]\}$/, '],"samples":[]}'],
    ['with a number among strings', '"strings":[', '"strings":[5,'],
    ['with a text behind its end', /\}$/, '} secret'],
    ['with fewer nodes than it says', '"node_count":2', '"node_count":3'],
    ['with a name of no string', '"strings":["<dummy>",\n"Object",\n', '"strings":['],
    ['without strings', /,\n"strings":[\s\S]*\]\}$/, '}'],
  ])('%s', async (_name, from, to) => {
    const changed = sound.replace(from, to);
    expect(changed).not.toBe(sound);
    await expect(copied(changed)).rejects.toMatchObject({ code: 'redact-snapshot-form', exit: 2 });
  });

  test('if it is truncated anywhere', async () => {
    for (let length = 0; length < sound.length; length += 7)
      await expect(copied(sound.slice(0, length))).rejects.toMatchObject({ code: 'redact-snapshot-form' });
  });
});

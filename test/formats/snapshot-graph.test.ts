import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { atOnce, finish } from '../../src/core/base/runtime/turns.js';
import { AscendingSet } from '../../src/formats/snapshot/graph/ascending-set.js';
import { readLayout } from '../../src/formats/snapshot/graph/layout.js';
import { namingOf, nodesRead } from '../../src/formats/snapshot/graph/naming.js';
import { Nodes } from '../../src/formats/snapshot/graph/nodes.js';
import { RowCursor } from '../../src/formats/snapshot/graph/numbers.js';
import { ownersIn, references } from '../../src/formats/snapshot/graph/owners.js';
import { StringList } from '../../src/formats/snapshot/graph/strings.js';
import { textStart } from '../../src/formats/snapshot/snapshot.js';
import fc from '../support/property.js';
import { buildSnapshot, type SnapshotSpec } from './build-snapshot.js';

const readerOf = (json: string) => bufferReader(Buffer.from(json));

const layoutOf = (json: string) => {
  const layout = finish(readLayout(readerOf(json)));
  if (layout === undefined) throw new Error('no layout');
  return layout;
};

interface Parsed {
  snapshot: { meta: { node_types: [string[]]; edge_types: [string[]] } };
  nodes: number[];
  edges: number[];
  strings: string[];
}

const names = fc.string({ unit: 'binary', maxLength: 40 });

const graphs: fc.Arbitrary<SnapshotSpec> = fc.integer({ min: 1, max: 30 }).chain((count) => {
  const node = fc.record({ type: fc.constantFrom('string', 'object', 'array'), name: names });
  const edge = fc.record({
    owner: fc.nat(count - 1),
    to: fc.nat(count - 1),
    ...{
      type: fc.constantFrom('property', 'context'),
      name: fc.oneof(names, fc.constantFrom('key', 'name')),
    },
  });
  const element = fc.record({
    owner: fc.nat(count - 1),
    to: fc.nat(count - 1),
    ...{ type: fc.constantFrom('element', 'hidden'), index: fc.nat(1000) },
  });
  return fc.record({
    nodes: fc.array(node, { minLength: count, maxLength: count }),
    edges: fc.array(fc.oneof(edge, element), { maxLength: 120 }),
    others: fc.array(names, { maxLength: 10 }),
  });
});

/** References to targets (ascending), found in the whole JSON text. */
function naiveReferences({ snapshot, nodes, edges, strings }: Parsed, targets: readonly number[]) {
  const types = snapshot.meta.edge_types[0];
  const found: Record<string, number>[] = [];
  let next = 0;
  for (let owner = 0; 7 * owner < nodes.length; owner++) {
    const own = Array.from({ length: nodes[7 * owner + 4]! }, () => {
      const [type, nameOrIndex, to] = edges.slice(next, next + 3);
      next += 3;
      return { type: type!, nameOrIndex: nameOrIndex!, to: to! / 7 };
    });
    for (const [i, { type, nameOrIndex, to }] of own.entries()) {
      if (!targets.includes(to)) continue;
      const before = own
        .slice(0, i)
        .findLast((each) => types[each.type] !== 'property' && types[each.type] !== 'context');
      const key = own.findLast(
        (each) => types[each.type] === 'property' && ['key', 'name'].includes(strings[each.nameOrIndex]!),
      );
      found.push({
        ...{ target: targets.indexOf(to), owner, type, nameOrIndex },
        ...{ before: before?.to ?? -1, beforeIndex: before?.nameOrIndex ?? 0, key: key?.to ?? -1 },
      });
    }
  }
  return found;
}

describe('the graph of a heap snapshot', () => {
  test('has the references to nodes that a parser of JSON finds', () => {
    fc.assert(
      fc.property(graphs, fc.array(fc.nat(29)), (spec, wanted) => {
        const json = buildSnapshot(spec);
        const parsed = JSON.parse(json) as Parsed;
        const reader = readerOf(json);
        const layout = layoutOf(json);
        const nodes = finish(Nodes.read(reader, layout.nodes, parsed.edges.length, () => {}));
        const targets = new AscendingSet();
        const sorted = [...new Set(wanted)].sort((a, b) => a - b);
        for (const node of sorted) targets.add(node);
        const edgeTypes = layout.edges.types;
        const facts = {
          nodeWidth: 7,
          unnamed: new Set([edgeTypes.indexOf('element'), edgeTypes.indexOf('hidden')]),
          property: edgeTypes.indexOf('property'),
          keyNames: new Set(['key', 'name'].map((name) => parsed.strings.indexOf(name))),
        };
        const found: Record<string, number>[] = [];
        for (const batch of atOnce(references(reader, layout.edges, nodes, facts, targets))) {
          const { target, owner, type, nameOrIndex, before, beforeIndex, key } = batch;
          const columns = { target, owner, type, nameOrIndex, before, beforeIndex, key };
          for (let i = 0; i < batch.count; i++)
            found.push(Object.fromEntries(Object.entries(columns).map(([name, all]) => [name, all[i]!])));
        }
        expect(found).toEqual(naiveReferences(parsed, sorted));
      }),
    );
  });

  test('has the names of its nodes and the texts of its strings', () => {
    fc.assert(
      fc.property(graphs, (spec) => {
        const json = buildSnapshot(spec);
        const { strings } = JSON.parse(json) as Parsed;
        const reader = readerOf(json);
        const { nodes: table, strings: from } = layoutOf(json);
        const nodes = finish(Nodes.read(reader, table, 1000, () => {}));
        const list = new StringList(reader);
        finish(list.open(from, { offsets: new Float64Array(0), lengths: new Uint32Array(0) }, []));
        expect(list.length).toBe(strings.length);
        const numbers = finish(nodes.names(spec.nodes.map((_, node) => node)));
        const texts = new Map<number, string>();
        finish(
          list.texts(
            strings.map((_, number) => number),
            (number, text) => texts.set(number, text),
          ),
        );
        const textOf = (number: number) => JSON.parse(`"${texts.get(number)}"`) as string;
        expect(spec.nodes.map((_, node) => textOf(numbers.get(node)!))).toEqual(
          spec.nodes.map(({ name }) => strings[strings.indexOf(name)]),
        );
      }),
    );
  });

  test('rows are read over the ends of blocks', () => {
    const count = 100_000;
    const numbers = Array.from({ length: 3 * count }, (_, i) => (i * 2_654_435_761) % 2 ** 32);
    const text = `[${numbers.join(',\n')}]`;
    const table = { start: 1, end: text.length - 1, width: 3, fields: new Map<string, number>(), types: [] };
    const cursor = new RowCursor(readerOf(text), table);
    const rows = new Uint32Array(3 * 1000);
    const read: number[] = [];
    for (let n = cursor.read(rows); n > 0; n = cursor.read(rows))
      for (const each of rows.subarray(0, 3 * n)) read.push(each);
    expect(
      Buffer.from(Uint32Array.from(read).buffer).equals(Buffer.from(Uint32Array.from(numbers).buffer)),
    ).toBe(true);
  });
});

test('an ascending set has the index of each of its numbers', () => {
  const numbers = fc.uniqueArray(fc.oneof(fc.nat(200), fc.nat(100_000)), { maxLength: 200 });
  fc.assert(
    fc.property(numbers, fc.array(fc.nat(200)), (members, others) => {
      const sorted = members.sort((a, b) => a - b);
      const set = new AscendingSet();
      for (const each of sorted) {
        const index = set.add(each);
        // A number may come twice in succession.
        expect(set.add(each)).toBe(index);
      }
      expect(set.size).toBe(sorted.length);
      for (const each of [...sorted, ...others, ...sorted.map((member) => member + 1 / 7)])
        expect(set.indexOf(each)).toBe(sorted.indexOf(each));
    }),
  );
});

test('what an edge says does not depend on the names of nodes that are not read for it', () => {
  const mayName = (name: string) => /secret/.test(name);
  const words = fc.constantFrom(
    'value',
    '_value',
    'parent',
    'first',
    'x',
    '1',
    '2',
    '#secret',
    'secret',
    '(a)',
  );
  const reference = fc.record({
    type: fc.constantFrom('context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'),
    name: words,
    holder: fc.record({
      type: fc.constantFrom('array', 'object', 'synthetic', 'sliced string'),
      name: words,
    }),
    before: fc.option(words, { nil: undefined }),
    key: fc.option(words, { nil: undefined }),
  });
  fc.assert(
    fc.property(reference, (all) => {
      const read = nodesRead({ type: all.type, name: all.name, holderType: all.holder.type }, mayName);
      const known = {
        ...all,
        holder: { ...all.holder, name: read.includes('holder') ? all.holder.name : '' },
        before: read.includes('before') ? all.before : undefined,
        key: read.includes('key') ? all.key : undefined,
      };
      expect(namingOf(known, mayName)).toEqual(namingOf(all, mayName));
    }),
    { numRuns: 2000 },
  );
});

/** A string of each way to hold it. */
describe('owners in a heap snapshot', () => {
  const text = 'q6zSVKIYXGfjZ0Jo6ztqND';
  const judge = (name: string) => /secret|token/i.test(name);
  const ownersOf = (spec: SnapshotSpec) => {
    const json = buildSnapshot(spec);
    const at = json.indexOf(`"${text}`) + 1;
    const value = { offset: at, length: text.length };
    const runs = { offsets: Float64Array.of(at), lengths: Uint32Array.of(text.length) };
    return [...atOnce(ownersIn(readerOf(json), runs, judge))].map((each) => {
      expect(each.value).toEqual(value);
      return `${each.hops}: ${each.owner.kind} ${each.owner.name} of ${each.owner.of}`;
    });
  };
  const value = { type: 'string', name: text };
  const object = (name: string) => ({ type: 'object', name });
  const string = (name: string) => ({ type: 'string', name });

  test.each<[string, SnapshotSpec['nodes'], SnapshotSpec['edges'], string[]]>([
    [
      'a property',
      [value, object('Config')],
      [{ owner: 1, type: 'property', name: 'jwtSecret' }],
      ['0: property jwtSecret of Config'],
    ],
    [
      'a symbol',
      [value, object('A')],
      [{ owner: 1, type: 'property', name: '<symbol token>' }],
      ['0: property <symbol token> of A'],
    ],
    [
      'a private field',
      [value, object('A')],
      [{ owner: 1, type: 'property', name: '#apiToken' }],
      ['0: property #apiToken of A'],
    ],
    [
      'a closure',
      [value, object('system / Context')],
      [{ owner: 1, type: 'context', name: 'hookSecret' }],
      ['0: variable hookSecret of '],
    ],
    ['another property', [value, object('A')], [{ owner: 1, type: 'property', name: 'etag' }], []],
    [
      'a Map',
      [value, { type: 'array', name: '' }, string('db.secret')],
      [
        { owner: 1, type: 'internal', name: '5', to: 2 },
        { owner: 1, type: 'internal', name: '6', to: 0 },
      ],
      ['0: key db.secret of Map'],
    ],
    [
      'a Map, by another key',
      [value, { type: 'array', name: '' }, string('etag'), object('Map'), object('A')],
      [
        { owner: 1, type: 'internal', name: '5', to: 2 },
        { owner: 1, type: 'internal', name: '6', to: 0 },
        { owner: 3, type: 'internal', name: 'table', to: 1 },
        { owner: 4, type: 'property', name: 'secrets', to: 3 },
      ],
      [],
    ],
    [
      'a Map, as a key behind the value of another',
      [value, { type: 'array', name: '' }, string('secret')],
      [
        { owner: 1, type: 'internal', name: '6', to: 2 },
        { owner: 1, type: 'internal', name: '8', to: 0 },
      ],
      [],
    ],
    [
      'a Set',
      [value, { type: 'array', name: '' }, object('Set'), object('A')],
      [
        { owner: 1, type: 'internal', name: '5' },
        { owner: 2, type: 'internal', name: 'table', to: 1 },
        { owner: 3, type: 'property', name: 'refreshTokens', to: 2 },
      ],
      ['2: property refreshTokens of A'],
    ],
    [
      'a pair',
      [value, object('Array'), string('clientSecret')],
      [
        { owner: 1, type: 'element', index: 0, to: 2 },
        { owner: 1, type: 'element', index: 1, to: 0 },
      ],
      ['0: key clientSecret of Array'],
    ],
    [
      'a list',
      [value, object('Array'), object('A'), string('first')],
      [
        { owner: 1, type: 'element', index: 0, to: 3 },
        { owner: 1, type: 'element', index: 1, to: 0 },
        { owner: 2, type: 'property', name: 'tokens', to: 1 },
      ],
      ['1: property tokens of A'],
    ],
    [
      'a name beside it, after it too',
      [value, object('Setting'), string('STRIPE_SECRET')],
      [
        { owner: 1, type: 'property', name: 'value', to: 0 },
        { owner: 1, type: 'property', name: 'name', to: 2 },
      ],
      ['0: key STRIPE_SECRET of Setting'],
    ],
    [
      'a wrapper',
      [value, object('Box'), object('A')],
      [
        { owner: 1, type: 'property', name: 'value' },
        { owner: 2, type: 'property', name: 'authToken', to: 1 },
      ],
      ['1: property authToken of A'],
    ],
    [
      'a concatenation',
      [value, { type: 'concatenated string', name: '(concatenated string)' }, object('A')],
      [
        { owner: 1, type: 'internal', name: 'first' },
        { owner: 2, type: 'property', name: 'token', to: 1 },
      ],
      ['1: property token of A'],
    ],
    [
      'a slice of it',
      [value, { type: 'sliced string', name: '(sliced string)' }, object('A')],
      [
        { owner: 1, type: 'internal', name: 'parent' },
        { owner: 2, type: 'property', name: 'token', to: 1 },
      ],
      ['1: property token of A'],
    ],
    [
      'the roots of V8',
      [value, { type: 'synthetic', name: 'secret' }],
      [{ owner: 1, type: 'property', name: 'secret' }],
      [],
    ],
    [
      'itself, by a cycle',
      [value, object('Array'), object('Array')],
      [
        { owner: 1, type: 'element', index: 0 },
        { owner: 1, type: 'element', index: 1, to: 2 },
        { owner: 2, type: 'element', index: 0, to: 1 },
      ],
      [],
    ],
  ])('of a string in %s', (_, nodes, edges, owners) => {
    expect(ownersOf({ nodes, edges })).toEqual(owners);
  });
});

test('a text of a snapshot begins behind its quote', () => {
  fc.assert(
    fc.property(fc.array(names, { minLength: 2 }), fc.nat(), (texts, place) => {
      const json = Buffer.from(texts.map((text) => JSON.stringify(text)).join(',\n'));
      const at = place % json.length;
      let start = 0;
      let offset = 0;
      for (const text of texts) {
        const { length } = Buffer.from(JSON.stringify(text));
        if (at > offset) start = offset + 1;
        if (at >= offset + length) start = offset + length;
        offset += length + 2;
      }
      expect(textStart(json, at)).toBe(Math.min(start, at));
    }),
  );
});

test.each([
  ['a list', 'tokens', 4096, 904],
  ['a list', 'etags', 0, 0],
  ['a list in a wrapper', 'tokens', 4096, 904],
])('of 5,000 values in %s named %s, %i have an owner and %i are reported', (held, name, owned, left) => {
  const texts = Array.from({ length: 5000 }, (_, i) => `value${1_000_000 + i}`);
  const [list, holder, wrapper] = [texts.length, texts.length + 1, texts.length + 2];
  const isWrapped = held !== 'a list';
  const json = buildSnapshot({
    nodes: [
      ...texts.map((text) => ({ type: 'string', name: text })),
      ...['Array', 'A', 'Box'].map((text) => ({ type: 'object', name: text })),
    ],
    edges: [
      ...texts.map((_, i) => ({ owner: list, type: 'element', index: i, to: i })),
      { owner: holder, type: 'property', name, to: isWrapped ? wrapper : list },
      ...(isWrapped ? [{ owner: wrapper, type: 'property', name: 'value', to: list }] : []),
    ],
  });
  let at = 0;
  const offsets = Float64Array.from(texts, (text) => {
    at = json.indexOf(text, at);
    return at;
  });
  const runs = { offsets, lengths: new Uint32Array(texts.length).fill(12) };
  const search = ownersIn(readerOf(json), runs, (text) => text === 'tokens');
  let found = 0;
  for (;;) {
    const { done, value } = search.next();
    if (done) {
      expect(value.left).toBe(left);
      break;
    }
    if (value !== undefined) found++;
  }
  expect(found).toBe(owned);
});

describe('a slice of a longer string', () => {
  const SECRET = ['q6zSVKIYXGfj', 'Z0Jo6ztqND_x'].join('');
  const sliced = (text: string) => {
    const json = buildSnapshot({
      nodes: [
        { type: 'string', name: text },
        { type: 'sliced string', name: '(sliced string)' },
        { type: 'object', name: 'A' },
      ],
      edges: [
        { owner: 1, type: 'internal', name: 'parent' },
        { owner: 2, type: 'property', name: 'token', to: 1 },
      ],
    });
    const offsets = [...json.matchAll(new RegExp(SECRET, 'g'))].map(({ index }) => index);
    const lengths = Uint32Array.from(offsets, () => SECRET.length);
    const runs = { offsets: Float64Array.from(offsets), lengths };
    return [...ownersIn(readerOf(json), runs, () => true)].flatMap((owned) =>
      owned ? [{ ...owned.value, at: offsets[0], generic: owned.generic }] : [],
    );
  };

  test('is its one random part, with low confidence', () => {
    const [found, ...others] = sliced(`Bearer ${SECRET} of the mail`);
    expect(found).toEqual({ offset: found?.at, length: SECRET.length, at: found?.at, generic: true });
    expect(others).toEqual([]);
  });

  test('is unknown where that has two random parts', () => {
    expect(sliced(`${SECRET} and ${SECRET}`)).toEqual([]);
  });
});

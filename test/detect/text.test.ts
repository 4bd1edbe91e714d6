import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { BASE62, toDigits } from '../../src/detect/checks/decimal-digits.js';
import type { Hit, SecretCandidate } from '../../src/detect/core/types.js';
import { textDetector } from '../../src/detect/text/detector.js';
import type { View } from '../../src/formats/memory/types.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import type { Rule } from '../../src/rules/types.js';
import fc from '../support/property.js';
import { viewOf } from './harness.js';
import { naiveHits, naiveScan } from './naive-scan.js';
import { textOf } from './pattern-text.js';
import { plainView } from './plain-view.js';

const rules = loadBuiltin();
const ruleOf = (id: string): Rule => rules.find((rule) => rule.id === id)!;
const textRules = rules.filter(({ detector }) => detector === 'text');

/** Seeded generator, for reproducible failures (LCG of Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const gzipCrc = (body: string): number =>
  gzipSync(Buffer.from(body)).readUInt32LE(gzipSync(Buffer.from(body)).length - 8);

const hexToken = (random: () => number): string =>
  `dop_v1_${Array.from({ length: 64 }, () => '0123456789abcdef'[Math.floor(random() * 16)]).join('')}`;

/** A GitHub token with a valid checksum. */
function githubToken(random: () => number): string {
  const body = Array.from({ length: 30 }, () => BASE62[Math.floor(random() * 62)]).join('');
  return `ghp_${body}${toDigits(gzipCrc(body), BASE62, 6)}`;
}

const random = seeded(42);
/** How every PyPI token begins, in pieces: beside the rule's name it is itself a value with a name. */
const pypi = ['pypi-AgEI', 'cHlwaS5vcmc'].join('');
const token = hexToken(random);
const digitalOcean = [ruleOf('digitalocean-token')];
const github = [ruleOf('github-token')];

const spans = (found: readonly SecretCandidate[]): [number, number][] =>
  found.map((c) => [c.offset, c.length]);
const around = (before: string, inner: string, after: string): Buffer =>
  Buffer.from(before + inner + after, 'latin1');

describe('random instances of every pattern', () => {
  test.each(textRules.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
    const dice = seeded(rule.id.length * 7919);
    const name = rule.near?.anchors[0]?.bytes;
    const lead = name === undefined ? '' : `${Buffer.from(name).toString('latin1')} `;
    for (let round = 0; round < 4; round++) {
      const made = textOf(rule.pattern!, dice);
      const whole = lead + made.text;
      for (const shift of [1, 2, 31]) {
        const narrow = around('\x01'.repeat(shift), whole, '\0\xff');
        const at = shift + lead.length;
        expect(spans(naiveScan(narrow, [rule]))).toContainEqual([at + made.start, made.end - made.start]);

        const units = Buffer.from(whole, 'utf16le');
        const fill = Buffer.alloc(shift, 1);
        const wideSpan = [shift + 2 * (lead.length + made.start), 2 * (made.end - made.start)];
        for (const bytes of [units, Buffer.from(units).swap16()])
          expect(spans(naiveScan(Buffer.concat([fill, bytes, Buffer.alloc(3, 1)]), [rule]))).toContainEqual(
            wideSpan,
          );
      }
    }
  });
});

describe('boundaries', () => {
  test.each([
    ['\0', '\0'],
    ['"', '"'],
    ['=', '\n'],
    ['\xe9', '\xff'],
    ['Bearer ', ' '],
    ['a-', '-a'],
    ['\\n', '\\n'],
    ['%22', '%22'],
    ['\\u0022', '\\u0022'],
    ['', ''],
  ])('%j before and %j after do not belong to a token', (before, after) => {
    expect(spans(naiveScan(around(before, token, after), digitalOcean))).toEqual([
      [before.length, token.length],
    ]);
  });

  test.each([
    ['x', ''],
    ['', 'x'],
    ['', '0'],
    ['7', 'Z'],
  ])('%j before and %j after make it part of a longer text', (before, after) => {
    expect(naiveScan(around(before, token, after), digitalOcean)).toEqual([]);
  });

  test('a length before a token does not belong to it: msgpack str 8, protobuf field, DER', () => {
    const length = String.fromCharCode(token.length);
    expect(length).toBe('G');
    for (const before of ['\xd9', '\x0a', '\x0c'])
      expect(spans(naiveScan(around(before + length, token, '\xc0'), digitalOcean))).toEqual([
        [2, token.length],
      ]);
    expect(naiveScan(around(`x${length}`, token, ''), digitalOcean)).toEqual([]);
  });

  test('with a checksum, tokens are found inside a longer run', () => {
    const glued = [githubToken(random), githubToken(random), githubToken(random)];
    const found = naiveScan(around('abc', glued.join(''), 'xyz'), github);
    expect(found.map((c) => [c.offset, c.length, c.confidence])).toEqual(
      glued.map((_, i) => [3 + 40 * i, 40, 'high']),
    );
  });
});

describe('grades', () => {
  const only = (content: string, id: string): SecretCandidate => {
    const found = naiveScan(around('\0', content, '\0'), [ruleOf(id)]);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  test('a passed checksum: confidence high, with evidence', () => {
    expect(only(githubToken(random), 'github-token')).toMatchObject({
      confidence: 'high',
      evidence: ['CRC-32 checksum matches'],
      notes: [],
      partial: false,
      notAdjacentInMemory: false,
    });
  });

  test('a failed checksum: confidence low and a lower severity, not dropped', () => {
    const good = githubToken(random);
    const bad = good.slice(0, -1) + (good.endsWith('0') ? '1' : '0');
    expect(only(bad, 'github-token')).toMatchObject({
      confidence: 'low',
      severity: 'low',
      evidence: [],
      notes: ['its checksum does not match: altered, truncated or made up'],
    });
  });

  test('without a checksum: confidence medium and the severity of the rule', () => {
    const found = only(token, 'digitalocean-token');
    expect(found.confidence).toBe('medium');
    expect(found.severity).toBeUndefined();
  });

  test('a placeholder has severity info', () => {
    expect(only(`dop_v1_${'0123456789abcdef'.repeat(4)}`, 'digitalocean-token')).toMatchObject({
      confidence: 'low',
      severity: 'info',
      notes: ['looks like a placeholder: a sequence'],
    });
  });

  test('the preview has prefix and length, and four characters if the token is long enough', () => {
    expect(only(token, 'digitalocean-token').preview).toBe(`dop_v1_…${token.slice(-4)} (71)`);
    const url = `jdbc:oracle:thin:${['app', 't7Gk-29sQx'].join('/')}@db:1521/app`;
    expect(only(url, 'oracle-url-password').preview).toBe('… (10)');
  });

  test('printing a candidate never shows its secret', () => {
    const found = only(token, 'digitalocean-token');
    const { rule: _rule, ...rest } = found;
    expect(JSON.stringify(rest) + String(found.secret)).not.toContain(token.slice(7, 40));
    expect(Buffer.from(found.secret.reveal()).toString()).toBe(token);
  });
});

describe('places', () => {
  test('a token at every offset around a window slot and the ends of the file is found once', () => {
    const size = 64 * 1024 + 200;
    for (let offset = 64 * 1024 - token.length - 2; offset <= 64 * 1024 + 2; offset++) {
      const bytes = Buffer.alloc(size);
      bytes.write(token, offset, 'latin1');
      expect(spans(naiveScan(bytes, digitalOcean))).toEqual([[offset, token.length]]);
    }
    for (const [before, after] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ] as const)
      expect(spans(naiveScan(around('\0'.repeat(before), token, '\0'.repeat(after)), digitalOcean))).toEqual([
        [before, token.length],
      ]);
  });

  test('a token truncated by the end of the file is not found', () => {
    expect(naiveScan(Buffer.from(token.slice(0, -1)), digitalOcean)).toEqual([]);
  });

  test('a token with a seam anywhere after its anchor is whole in memory order, with both extents', () => {
    for (let cut = 7; cut < token.length; cut++) {
      const bytes = Buffer.alloc(400, 0x20);
      bytes.write(token.slice(cut), 100, 'latin1');
      bytes.write(token.slice(0, cut), 300 - cut, 'latin1');
      const segments = [
        { offset: 100, length: 100, address: 0x2000n },
        { offset: 200, length: 100, address: 0x1f9cn },
      ];
      const found = naiveScan(bytes, digitalOcean, { segments });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({
        offset: 300 - cut,
        length: token.length,
        extents: [
          { offset: 300 - cut, length: cut },
          { offset: 100, length: token.length - cut },
        ],
        notAdjacentInMemory: false,
      });
      expect(Buffer.from(found[0]!.secret.reveal()).toString()).toBe(token);
    }
  });

  test('a token contiguous only in file order is marked, and demoted unless a checksum passes', () => {
    const scan = (content: string, use: Rule[]) => {
      const bytes = around(' '.repeat(50), content, ' '.repeat(50));
      const segments = [
        { offset: 0, length: 80, address: 0x9000n },
        { offset: 80, length: bytes.length - 80, address: 0x1000n },
      ];
      expect(naiveScan(bytes, use, { segments })).toEqual([]);
      return naiveScan(bytes, use, { segments, order: 'file' });
    };
    expect(scan(token, digitalOcean)).toMatchObject([
      { offset: 50, length: 71, notAdjacentInMemory: true, confidence: 'low' },
    ]);
    expect(scan(githubToken(random), github)).toMatchObject([
      { offset: 50, length: 40, notAdjacentInMemory: true, confidence: 'high' },
    ]);
  });
});

describe('near', () => {
  const aws = [ruleOf('aws-secret-access-key')];
  const secret = textOf('(?P<secret>[0-9A-Za-z+/]{40})', seeded(99)).text;
  const id = textOf('(?P<secret>AKIA[A-Z2-7]{16})', seeded(98)).text;

  test('a secret is found within the distance of a name, on both sides', () => {
    for (const gap of [1, 50, 200]) {
      const filler = ' '.repeat(gap);
      expect(spans(naiveScan(around('', secret + filler + id, ''), aws))).toEqual([[0, 40]]);
      expect(spans(naiveScan(around('', id + filler + secret, ''), aws))).toEqual([[20 + gap, 40]]);
    }
    expect(naiveScan(around('', id + ' '.repeat(300) + secret, ''), aws)).toEqual([]);
    expect(naiveScan(around('', secret, ''), aws)).toEqual([]);
  });

  test('a secret with many names around it is found once', () => {
    expect(naiveScan(around('', `${id} ${id} ${secret} ${id}`, ''), aws)).toHaveLength(1);
  });
});

describe('work', () => {
  /** A view that counts requested bytes. */
  function counting(bytes: Buffer): View & { requested: number } {
    const view = viewOf(bytes);
    const window: View['window'] = (...place) => {
      const read = view.window(...place);
      counted.requested += read.bytes.length;
      return read;
    };
    const counted = { ...view, window, requested: 0 };
    return counted;
  }

  const flood = (unit: string, anchor: string): { bytes: Buffer; hits: Hit[] } => {
    const bytes = Buffer.from(unit.repeat(Math.ceil(300_000 / unit.length)), 'latin1');
    const hits: Hit[] = [];
    for (let at = bytes.indexOf(anchor); at >= 0; at = bytes.indexOf(anchor, at + 1))
      hits.push({ offset: at, length: anchor.length, wide: false, anchor: Buffer.from(anchor) });
    return { bytes, hits };
  };

  test.each([
    ['github-token', 'ghp_', 'ghp_', 0],
    ['aws-access-key-id', 'AKIA', 'AKIA', 0],
    ['pypi-token', pypi, pypi, 0],
    ['digitalocean-token', 'dop_v1_', `${token} `, Math.ceil(300_000 / 72)],
  ])('300 kB full of anchors of %s are read once', (id, anchor, unit, expected) => {
    const { bytes, hits } = flood(unit, anchor);
    const view = counting(bytes);
    const found = [...textDetector.examine({ rule: ruleOf(id), hits, view, order: 'memory' })];
    expect(found.length).toBe(expected);
    expect(view.requested).toBeLessThan(1.2 * bytes.length + expected * 100);
  });

  test('the result does not depend on the batches', () => {
    const dice = seeded(5);
    const parts = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0 ? githubToken(dice) : ['\0ghp_', ' ', 'ghp_ghp_', 'x'.repeat(i * 100)][i % 4]!,
    );
    const bytes = Buffer.from(parts.join('\0'), 'latin1');
    const hits = naiveHits(bytes, github).get(github[0]!)!;
    const view = plainView(bytes);
    const scan = (groups: (typeof hits)[]) => {
      const found = groups.flatMap((group) => [
        ...textDetector.examine({ rule: github[0]!, hits: group, view, order: 'memory' }),
      ]);
      return [...new Set(found.map((c) => `${c.type === 'candidate' ? c.confidence : ''} ${c.offset}`))];
    };
    const whole = scan([hits]);
    expect(whole).toHaveLength(20);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: hits.length }), (size) => {
        const groups = Array.from({ length: Math.ceil(hits.length / size) }, (_, i) =>
          hits.slice(i * size, (i + 1) * size),
        );
        expect(scan(groups)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...textRules), (noise, rule) => {
        const anchor = (rule.anchors[0] ?? rule.near!.anchors[0]!).bytes;
        naiveScan(Buffer.concat([noise, anchor, noise, anchor]), [rule]);
      }),
      { numRuns: 300 },
    );
  });
});

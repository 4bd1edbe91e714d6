import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { OTHER_LIMITS } from '../../../src/core/limits/other-limits.js';
import type { ScanEvent } from '../../../src/core/model/report.js';
import { Masker, type SecretFinder } from '../../../src/known/mask/mask.js';
import { sanitize } from '../../../src/known/mask/sanitize.js';
import { reporters } from '../../../src/report/reporters.js';
import { artifact, finding, keyFinding, run, summary } from '../../report/events.js';
import { shownText } from '../../report/html-blocks.js';
import { render } from '../../report/render.js';
import fc from '../../support/property.js';

/** A rule of this test: `tok_` and ten lower-case letters. */
const findTokens: SecretFinder = (text) =>
  [...text.matchAll(/tok_[a-z]{10}/g)].map((m) => ({
    start: m.index,
    end: m.index + m[0].length,
    ruleId: 'test-token',
  }));

const TOKEN = `tok_${'abcdefghij'}`;
/** Matches no rule. */
const KNOWN = ['correct', 'horse', 'battery', 'staple'].join(' ');

describe('Masker', () => {
  const masker = new Masker(findTokens);
  masker.add(Secret.text(KNOWN), 'known');
  masker.add(new Secret(Uint8Array.of(0, 1, 2, 3, 250, 251, 252, 253, 254, 255)), 'binary');

  const rows: [string, string, string][] = [
    ['no secret', 'node server.js', 'node server.js'],
    ['a rule’s match', `--key=${TOKEN} -v`, '--key=[masked: test-token] -v'],
    ['two matches', `${TOKEN}${TOKEN}`, '[masked: test-token][masked: test-token]'],
    ['a found secret', `x ${KNOWN} y`, 'x [masked: known] y'],
    ['after wide characters', `日本語🔑 ${KNOWN}é`, '日本語🔑 [masked: known]é'],
    ['a prefix of one, as in a thread’s name', KNOWN.slice(0, 15), '[masked: known]'],
    ['a prefix that is too short', KNOWN.slice(0, 11), KNOWN.slice(0, 11)],
    ['binary as base64', 'k=AAECA/r7/P3+/w==', 'k=[masked: binary]'],
    ['binary as hex', 'k=00010203fafbfcfdfeff', 'k=[masked: binary]'],
    ['controls', 'a\u001b[31mb\nc\u202ed', 'a\\x1b[31mb\\x0ac\\u{202e}d'],
    ['both', `\u001b${TOKEN}\u0007`, '\\x1b[masked: test-token]\\x07'],
  ];
  test.each(rows)('%s', (_, text, cleaned) => {
    expect(masker.clean(text)).toBe(cleaned);
    expect(masker.clean(cleaned)).toBe(cleaned);
  });

  test('a fingerprint that is shown is not masked, what is beside it is', () => {
    const [own, other] = [`v1:${'ab'.repeat(32)}`, `v1:${'cd'.repeat(32)}`] as const;
    const all = new Masker((text) => [
      ...findTokens(text),
      ...[...text.matchAll(/key \S+/g)].map((m) => ({
        start: m.index,
        end: m.index + m[0].length,
        ruleId: 'named',
      })),
    ]);
    all.show(own);
    const cleaned = (text: string): string => all.clean(text);
    expect(cleaned(`the baseline hides key ${own}`)).toBe(`the baseline hides [masked: named]${own}`);
    expect(cleaned(`key ${other}`)).toBe('[masked: named]');
    expect(cleaned(`key ${own}${TOKEN} ${own}`)).toBe(`[masked: named]${own}[masked: test-token] ${own}`);
    // A fingerprint ends after 64 digits, wherever it begins.
    expect(cleaned(`key ${own.slice(0, -1)}`)).toBe('[masked: named]');
  });

  test('overlapping matches get one mask', () => {
    const both = new Masker(() => [
      { start: 4, end: 10, ruleId: 'b' },
      { start: 2, end: 6, ruleId: 'a' },
    ]);
    expect(both.clean('0123456789ab')).toBe('01[masked: a]ab');
  });

  test.each([64, 76])('a binary secret as base64 in lines of %d characters', (width) => {
    const bytes = createHash('shake256', { outputLength: 500 }).update('key').digest();
    const each = new Masker();
    each.add(new Secret(bytes), 'key');
    const lines = bytes.toString('base64').match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
    const cleaned = each.clean(`--key ${lines.join('\n')} -v`);
    for (const line of lines) expect(cleaned).not.toContain(line.slice(0, 12));
    expect(cleaned.replaceAll('[masked: key]', '').replaceAll('\\x0a', '')).toBe('--key  -v');
  });

  test('a secret added later is masked in a text that was cleaned before', () => {
    const late = new Masker();
    expect(late.clean('hunter2hunter2')).toBe('hunter2hunter2');
    late.add(Secret.text('hunter2hunter2'), 'late');
    expect(late.clean('hunter2hunter2')).toBe('[masked: late]');
  });

  test('known secrets are masked in any text', () => {
    const secret = fc
      .string({ minLength: 6, maxLength: 40, unit: 'grapheme' })
      .filter((s) => s.trim().length >= 6);
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 5 }),
        fc.array(fc.string()),
        (secrets, around) => {
          const each = new Masker();
          for (const s of secrets) each.add(Secret.text(s), 'r');
          const cleaned = each.clean(secrets.map((s, i) => `${around[i] ?? ''}${s}`).join(''));
          const rest = cleaned.replaceAll('[masked: r]', '\n');
          for (const s of secrets) expect(rest).not.toContain(s.trim());
        },
      ),
    );
  });
});

/** An event in which every string from the dump, a path or a message is `text`. */
function hostile(text: string): ScanEvent[] {
  const region = { kind: 'module' as const, name: text };
  const warnings = [{ code: 'x', message: text, hint: text }];
  const key = keyFinding().key;
  return [
    run({ options: { paths: [text], [text]: text } }),
    artifact({
      path: text,
      process: {
        name: text,
        command: text,
        executable: text,
        modules: [{ path: text, address: text, buildId: text }],
      },
      coverage: {
        file: { bytes: 1, unread: [{ offset: 0, length: 1, reason: text }] },
        memory: { described: 2, present: 1, missing: [{ address: '0x0', length: 1, reason: text }] },
        limits: [{ offset: 0, length: 1, search: 'copies', target: 'blind', left: 1, reason: text }],
      },
      warnings,
    }),
    keyFinding({
      title: text,
      impact: text,
      rotate: text,
      proof: [text],
      notes: [text],
      alsoMatched: [text],
      claims: { [text]: text, aud: [text], spkiSha256: text },
      location: { path: text, offset: 0, length: 1, region },
      occurrences: [{ artifact: 0, offset: 0, length: 1, address: text, region }],
      fingerprint: text,
      ...(key && {
        key: {
          ...key,
          spki: text,
          spkiSha256: text,
          certificates: [
            {
              ...{ subject: text, san: [text], issuer: text, serial: text, notAfter: text, offset: 0 },
              ...{ signed: true, form: 'certificate' },
            },
          ],
          keyIds: [text],
          accounts: [text],
          tokens: [{ artifact: 0, offset: 0, issuer: text, subject: text, expires: text }],
        },
      }),
    }),
    finding({ counts: false, reason: 'policy', title: text }),
    summary({ warnings }),
  ];
}

const formats = Object.keys(reporters);

describe('no hostile text reaches a report', () => {
  test.each(formats)('%s: no planted secret', (format) => {
    const masker = new Masker(findTokens);
    masker.add(Secret.text(KNOWN), 'known');
    for (const secret of [TOKEN, KNOWN]) {
      const events = hostile(`pre ${secret} post`).map((event) => sanitize(event, masker));
      const text = shownText(format, render(format, events, { width: 100_000 }));
      expect(text).not.toContain(secret);
      expect(text).toContain('masked');
    }
  });

  test.each(formats)('%s: no control, bidirectional or separator character', (format) => {
    const nasty = fc.string({
      unit: fc.oneof(
        fc.integer({ min: 0, max: 0x9f }).map((c) => String.fromCharCode(c)),
        fc.constantFrom(
          '\u061c',
          '\u200e',
          '\u202e',
          '\u2028',
          '\u2029',
          '\u2066',
          '\ud800',
          '\udfff',
          '日',
          '🔑',
        ),
      ),
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(nasty, (text) => {
        const events = hostile(text).map((event) => sanitize(event, new Masker()));
        const rendered = shownText(format, render(format, events));
        expect(rendered.replaceAll('\n', '')).not.toMatch(
          /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/,
        );
        expect(Buffer.from(rendered, 'utf8').toString('utf8')).toBe(rendered);
      }),
      { numRuns: 60 },
    );
  });

  test.each(formats)('%s: a name cannot forge a line', (format) => {
    const events = hostile('x\nnothing found by 43 rules').map((event) => sanitize(event, new Masker()));
    const lines = shownText(format, render(format, events)).split('\n');
    expect(lines.filter((line) => line.trim().startsWith('nothing found by 43 rules'))).toEqual([]);
  });
});

describe('sanitize', () => {
  /** A rule that matches every digest. */
  const greedy: SecretFinder = (text) => [{ start: 0, end: text.length, ruleId: 'greedy' }];

  test('does not mask digests, addresses and the preview', () => {
    const cleaned = sanitize(keyFinding({ preview: 'long_prefix_… (40)' }), new Masker(greedy));
    expect(cleaned).toMatchObject({
      fingerprint: keyFinding().fingerprint,
      preview: 'long_prefix_… (40)',
      key: {
        spkiSha256: 'cd'.repeat(32),
        sshFingerprint: `SHA256:${'B'.repeat(43)}`,
        certificates: [{ subject: '[masked: greedy]' }],
      },
      location: { address: '0x7f0000010000', path: '[masked: greedy]' },
    });
  });

  test('does not mask names of rules, but other text in their place', () => {
    const cleaned = sanitize(
      finding({ ruleId: 'database-url-password', alsoMatched: ['jwt', 'Not An Id'] }),
      new Masker(greedy),
    );
    expect(cleaned).toMatchObject({
      ruleId: 'database-url-password',
      alsoMatched: ['jwt', '[masked: greedy]'],
    });
  });

  test.each(Object.keys(OTHER_LIMITS))('does not mask the limit %s', (search) => {
    const limit = { search, target: 'blind', left: 1, offset: 0, length: 1, reason: 'a sentence' };
    const event = { type: 'artifact', coverage: { limits: [limit] } } as unknown as ScanEvent;
    const cleaned = sanitize(event, new Masker(greedy)) as unknown as typeof event;
    expect(cleaned).toMatchObject({ coverage: { limits: [{ search, reason: '[masked: greedy]' }] } });
  });

  test('masks under field names chosen by a token’s claims', () => {
    const digest = 'ab'.repeat(32);
    const cleaned = sanitize(finding({ claims: { sha256: digest, preview: digest } }), new Masker(greedy));
    expect(JSON.stringify(cleaned)).not.toContain(digest);
  });

  test('does not change the event', () => {
    const event = keyFinding();
    const before = structuredClone(event);
    sanitize(event, new Masker(greedy));
    expect(event).toEqual(before);
  });

  test('a claim named __proto__ stays a claim', () => {
    const claims = JSON.parse('{"__proto__": "x"}');
    const cleaned = sanitize(finding({ claims }), new Masker());
    expect(JSON.parse(render('ndjson', [cleaned]).trim()).claims).toEqual(claims);
  });
});

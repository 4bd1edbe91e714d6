import { describe, expect, test } from '@jest/globals';
import { DumpsieveError } from '../../../src/core/base/runtime/errors.js';
import { FORMATS } from '../../../src/core/model/report.js';
import { JoinedReport } from '../../../src/report/saved/joined.js';
import { noticesOf } from '../../../src/report/saved/report-notices.js';
import fc, { cases } from '../../support/property.js';
import { RUNS } from '../event-streams.js';
import { render } from '../render.js';
import { eventsOf, readBytes, readText } from './reading.js';

type Json = ReturnType<typeof JSON.parse>;

const JSON_TEXT = render('json', RUNS.findings!);
const LINES = render('ndjson', RUNS.findings!);

function errorOf(read: () => unknown): DumpsieveError {
  try {
    read();
  } catch (error) {
    if (error instanceof DumpsieveError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const edited = (edit: (report: Json) => void): string => {
  const report = JSON.parse(JSON_TEXT);
  edit(report);
  return JSON.stringify(report);
};

/** A text that no message may repeat. */
const SECRET = 'hunter2hunter2hunter2';

const answerIn = (artifact: number) => ({
  ...{ name: 'x', askedBy: 'value' },
  results: [{ artifact, status: 'absent', forms: [], complete: true }],
});

const invalid: [string, string][] = [
  ['no JSON', `${SECRET}: yes`],
  ['a list', `[${JSON_TEXT}]`],
  ['a number', '42\n'],
  ['SARIF', render('sarif', RUNS.findings!)],
  ['another object', `{"${SECRET}": "${SECRET}"}`],
  ['NaN', JSON_TEXT.replace('"occurrenceCount":1205', '"occurrenceCount":NaN')],
  ['a number beyond all', JSON_TEXT.replace('"occurrenceCount":1205', '"occurrenceCount":1e999')],
  ['a fraction of a byte', edited((r) => (r.findings[0].location.offset = 0.5))],
  ['a text as a place', edited((r) => (r.findings[0].location.offset = SECRET))],
  ['an entry that is no object', edited((r) => r.findings.push(SECRET))],
  ['a finding without places', edited((r) => (r.findings[0].occurrences = []))],
  ['a place in an artifact that is not there', edited((r) => (r.findings[0].occurrences[0].artifact = 1e9))],
  ['an answer for an artifact that is not there', edited((r) => r.find.push(answerIn(7)))],
  ['a summary that is a text', edited((r) => (r.summary = SECRET))],
  ['no summary', edited((r) => delete r.summary)],
  ['an exit status of its own', edited((r) => (r.summary.exit = 7))],
  ['two reports', `${JSON_TEXT}${JSON_TEXT}`],
  ['two reports of lines', `${LINES}${LINES}`],
  ['lines without their run', LINES.slice(LINES.indexOf('\n') + 1)],
  ['deep lists', edited((r) => (r.options.deep = nested(1_000)))],
  ['deep lists in a line', `{"type":"run","x":${'['.repeat(100_000)}`],
  ['UTF-16', `\ufeff${JSON_TEXT}`],
  ['a binary', '\u007fELF\u0002\u0001\u0001\0\0\0'],
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

describe('what is no report is refused with exit 3, and not quoted', () => {
  test.each(invalid)('%s', (name, text) => {
    const bytes = name === 'UTF-16' ? Buffer.from(text, 'utf16le') : Buffer.from(text);
    const error = errorOf(() => readBytes(bytes));
    expect(error).toMatchObject({ code: 'report-invalid', exit: 3 });
    expect(error.message).toMatch(/^saved\.json: /);
    expect(error.message + error.hint).not.toContain(SECRET.slice(0, 8));
  });

  test('a later layout says so', () => {
    for (const text of [edited((r) => (r.schemaVersion = 2)), LINES.replace('Version":1', 'Version":2')])
      expect(errorOf(() => readText(text))).toMatchObject({ code: 'report-newer', exit: 3 });
  });

  test('an entry without an end is not held', () => {
    const piece = Buffer.alloc(1 << 20, '1');
    const error = errorOf(() => {
      const start = Buffer.from('{"schemaVersion":1,"findings":[{"title":"');
      readBytes(Buffer.concat([start, ...Array<Buffer>(70).fill(piece)]), 1 << 20);
    });
    expect(error.message).toBe('saved.json: one entry of it is too large');
  });
});

describe('what a report may hold', () => {
  test('names of the prototype are data', () => {
    const text = JSON_TEXT.replace('"claims":{', '"claims":{"__proto__":"own","constructor":"own",');
    const [finding] = eventsOf(new JoinedReport([readText(text)])).filter(({ type }) => type === 'finding');
    const { claims } = finding as Json;
    expect(Object.keys(claims).slice(0, 2)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect(JSON.stringify(claims)).toContain('"__proto__":"own"');
    expect(({} as Json).own).toBeUndefined();
  });

  test('a prototype in place of fields is none', () => {
    const spoilt = edited((r) => delete r.findings[0].counts).replace(
      '"findings":[{',
      '"findings":[{"__proto__":{"counts":true},',
    );
    expect(errorOf(() => readText(spoilt))).toMatchObject({ code: 'report-invalid' });
  });

  test('a text of a megabyte', () => {
    const title = 'x'.repeat(1 << 20);
    const read = readText(edited((r) => (r.findings[1].title = title)));
    expect(read.findings.at(1).title).toBe(title);
  });

  test('fields of a later version are left out, and named', () => {
    const text = edited((r) => {
      r.findings[0].mood = { deep: true };
      r.findings[0].location.planet = 'earth';
      r.artifacts[0].coverage.file.half = 1;
      r.surprise = 1;
      r.findings[1][`x${SECRET} `] = 1;
    });
    const read = readText(text);
    expect(read.unknown).toEqual(['half', 'mood', 'others', 'planet', 'surprise']);
    expect(noticesOf(read)).toMatchObject([{ code: 'report-newer' }]);
    expect(render('json', eventsOf(new JoinedReport([read])))).toBe(JSON_TEXT);
  });

  test('values of enumerations that are new', () => {
    const read = readText(edited((r) => (r.findings[0].kind = 'passkey')));
    expect(read.findings.at(0).kind).toBe('passkey');
    expect(read.unknown).toEqual([]);
  });

  test('a byte order mark of UTF-8', () => {
    expect(readText(`\ufeff${JSON_TEXT}`).findings.length).toBe(7);
  });
});

describe('a report that is cut', () => {
  const head = JSON_TEXT.indexOf('"artifacts"');

  test.each(['json', 'ndjson'])('%s: at any byte it is cut, or no report', (format) => {
    const text = format === 'json' ? JSON_TEXT : LINES;
    const whole = format === 'json' ? text.trimEnd().length : LINES.trimEnd().length;
    for (let end = 0; end < whole; end += 97) {
      let read: ReturnType<typeof readText>;
      try {
        read = readText(text.slice(0, end));
      } catch (error) {
        expect(error).toMatchObject({ code: 'report-cut', exit: 2 });
        if (format === 'json') expect(end).toBeLessThan(head + 20);
        continue;
      }
      expect(read).toMatchObject({ cut: true, summary: undefined });
      expect(new JoinedReport([read])).toMatchObject({ exit: 2, complete: false });
      expect(noticesOf(read)).toMatchObject([{ code: 'report-cut' }]);
    }
  });

  test('has the findings before the cut', () => {
    const third = [...JSON_TEXT.matchAll(/\n {4}\{"ruleId"/g)][3]!.index;
    const read = readText(JSON_TEXT.slice(0, third));
    expect(read.findings.length).toBe(3);
    expect(read.artifacts.length).toBe(3);
  });

  test('one of a scan that was stopped is whole', () => {
    const read = readText(render('json', RUNS.aborted!));
    expect(read).toMatchObject({ cut: false, summary: undefined });
    expect(noticesOf(read)).toMatchObject([{ code: 'report-of-stopped-scan' }]);
    expect(new JoinedReport([read]).exit).toBe(2);
  });
});

/** Fields whose values are looked up in tables of words. */
const LOOKED_UP: [string, (report: Json) => [holder: Json, name: string]][] = [
  ['a verdict', (r) => [r.artifacts[0], 'verdict']],
  ['a kind', (r) => [r.findings[0], 'kind']],
  ['a severity', (r) => [r.findings[0], 'severity']],
  ['a confidence', (r) => [r.findings[0], 'confidence']],
  ['a reason', (r) => [r.findings[0], 'reason']],
  ['a region', (r) => [r.findings[0].occurrences[0].region, 'kind']],
  ['an encoding', (r) => [r.findings[0].occurrences[0], 'encoding']],
  ['a component', (r) => [r.findings[0].occurrences[0], 'component']],
  ['a form of certificates', (r) => [keyOf(r).certificates[0], 'form']],
  ['an algorithm', (r) => [keyOf(r), 'algorithm']],
];

const keyOf = (report: Json): Json =>
  report.findings.find(({ key }: Json) => key?.certificates !== undefined).key;

test.each(LOOKED_UP)('%s is no name that every object has', (_, fieldOf) => {
  for (const text of ['constructor', '__proto__', 'valueOf']) {
    const spoilt = edited((r) => {
      const [holder, name] = fieldOf(r);
      holder[name] = text;
    });
    expect(errorOf(() => readText(spoilt))).toMatchObject({ code: 'report-invalid' });
  }
});

test('a certificate of a form of a later version is shown', () => {
  const changed = edited((r) => (keyOf(r).certificates[0].form = 'attribute-certificate'));
  expect(render('pretty', eventsOf(new JoinedReport([readText(changed)])))).toContain('certificate CN=');
});

test.each([['paths'], ['configFile'], ['only'], ['constructor'], ['failOn']])(
  'anything as the option %s is shown in every format',
  (name) => {
    for (const value of [null, 1, 'x', {}, [null, {}, 'a']]) {
      const changed = edited((r) => (r.options[name] = value));
      const events = eventsOf(new JoinedReport([readText(changed)]));
      for (const format of FORMATS) expect(() => render(format, events)).not.toThrow();
    }
  },
);

/** Pieces that change the meaning of JSON. */
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  'null',
  '-1',
  '1e999',
  '"x"',
  '\n',
  '\0',
  '\u00ff',
  '{}',
  '[]',
];

test('whatever is changed in a report, it is refused with a code, or shown in every format', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    left: fc.nat(6),
    piece: fc.constantFrom(...PIECES, ''),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(JSON_TEXT, LINES),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (text, edits) => {
        const changed = edits.reduce((whole, { at, left, piece }) => {
          const place = Math.floor(at * whole.length);
          return whole.slice(0, place) + piece + whole.slice(place + left);
        }, text);
        let events: ReturnType<typeof eventsOf>;
        try {
          events = eventsOf(new JoinedReport([readText(changed)]));
        } catch (error) {
          expect(error).toBeInstanceOf(DumpsieveError);
          return;
        }
        for (const format of FORMATS) render(format, events);
      },
    ),
    { numRuns: cases(2_000) },
  );
});

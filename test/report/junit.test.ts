import { describe, expect, test } from '@jest/globals';
import type { ArtifactReport } from '../../src/core/model/report.js';
import fc from '../support/property.js';
import { RUNS } from './event-streams.js';
import { artifact, finding, place, run, summary } from './events.js';
import { render } from './render.js';

describe('junit', () => {
  /** Names of elements in order. Throws if tags do not match or an attribute is not quoted. */
  function elements(document: string): string[] {
    const open: string[] = [];
    const all: string[] = [];
    for (const [, slash, name = '', attributes = '', empty] of document.matchAll(
      /<(\/?)([\w-]+)((?: \w+="[^"<]*")*)(\/?)>/g,
    )) {
      if (slash) expect(open.pop()).toBe(name);
      else {
        all.push(name);
        if (!empty) open.push(name);
      }
      expect(attributes.replace(/ \w+="[^"<]*"/g, '')).toBe('');
    }
    expect(open).toEqual([]);
    const stray = document.replace(/<\?xml[^>]*\?>|<\/?[\w-]+(?: \w+="[^"<]*")*\/?>/g, '');
    expect(stray).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/);
    return all;
  }

  const total = (document: string, name: string) =>
    Number(new RegExp(`<testsuites [^>]*${name}="(\\d+)"`).exec(document)?.[1]);

  test.each(Object.entries(RUNS))('run %s is well formed and its totals are correct', (_, events) => {
    const document = render('junit', events);
    const all = elements(document);
    expect(all.filter((e) => e === 'testcase')).toHaveLength(total(document, 'tests'));
    expect(all.filter((e) => e === 'failure')).toHaveLength(total(document, 'failures'));
    expect(all.filter((e) => e === 'error')).toHaveLength(total(document, 'errors'));
  });

  test('an accepted limit is one property, whatever targets it has', () => {
    const limit = {
      offset: 0,
      length: 8,
      search: 'runs',
      left: 9,
      accepted: true,
      reason: 'left out',
    } as const;
    const limits = (['written', 'blind'] as const).map((target) => ({ ...limit, target }));
    const event = artifact({ coverage: { file: { bytes: 8, unread: [] }, limits } });
    const document = render('junit', [run(), event, summary()]);
    expect(document.match(/<property name="accepted-limit" value="runs"\/>/g)).toHaveLength(1);
  });

  test.each([
    ['findings', 5, 0],
    ['nothing', 0, 0],
    ['incomplete', 0, 3],
    ['aborted', 1, 1],
    ['empty', 0, 1],
  ])('run %s: %d failures, %d errors', (name, failures, errors) => {
    const document = render('junit', RUNS[name] ?? []);
    expect([total(document, 'failures'), total(document, 'errors')]).toEqual([failures, errors]);
  });

  /** Names of failed cases by suite. */
  const failedIn = (document: string) =>
    Object.fromEntries(
      [...document.matchAll(/<testsuite name="([^"]*)"[^>]*>\n([\s\S]*?)<\/testsuite>/g)].map((suite) => [
        suite[1],
        [...suite[2]!.matchAll(/name="([^"]*)"><(?:failure|error)/g)].map((name) => name[1]),
      ]),
    );

  test('a secret in two dumps is a failure in both suites, by a name that is the same in each run', () => {
    const [one, other] = [place(64, '0x1000'), { ...place(128, '0x2000'), artifact: 1 }];
    const both = finding({ occurrences: [one, place(96, '0x1020'), other] });
    const events = [run(), artifact({ path: 'a' }), artifact({ path: 'b' }), both, summary()];
    expect(failedIn(render('junit', events))).toEqual({
      a: ['Example token (12121212)'],
      b: ['Example token (12121212)'],
      run: [],
    });
  });

  test('a dump whose places are beyond the cap of a finding does not pass', () => {
    const many = finding({ occurrences: Array.from({ length: 1_000 }, (_, i) => place(i * 64)) });
    const clean = artifact({ path: 'c', verdict: 'nothing-found' });
    const events = [run(), artifact({ path: 'a' }), artifact({ path: 'b' }), clean, many, summary()];
    const { b, c } = failedIn(render('junit', events));
    expect({ b, c }).toEqual({ b: ['a finding that fails the gate'], c: [] });
  });

  test.each<[string, Partial<ArtifactReport>, string]>([
    [
      'a search with a spent budget',
      {
        coverage: {
          file: { bytes: 9, unread: [] },
          limits: [
            {
              offset: 0,
              length: 9,
              search: 'rsa-unknown-n',
              target: 'asked',
              left: 3,
              deep: true,
              reason: 'spent',
            },
          ],
        },
      },
      'spent [rsa-unknown-n]',
    ],
    ['a file that grew', { warnings: [{ code: 'file-grew', message: 'it grew' }] }, 'it grew'],
  ])('a dump that is incomplete for %s does not pass', (_, over, message) => {
    const events = [
      run(),
      artifact({ path: 'a', verdict: 'incomplete', ...over }),
      summary({ complete: false }),
    ];
    const document = render('junit', events);
    expect(failedIn(document).a).toEqual(['read and searched to the end']);
    expect(document).toContain(`message="${message}"`);
  });

  test('a missing path is reported', () => {
    const warnings = [{ code: 'path-missing', message: 'crash/core.1: there is no such file' }];
    const failed = render('junit', [run(), summary({ complete: false, artifacts: 0, warnings })]);
    expect(failed).toContain(
      'message="not everything was read and searched; crash/core.1: there is no such file"',
    );
  });

  test('any text gives a well-formed document', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        elements(render('junit', [run(), artifact({ path: text }), finding({ title: text, proof: [text] })]));
      }),
    );
  });
});

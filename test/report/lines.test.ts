import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { RUNS } from './event-streams.js';
import { artifact, finding, place, run, summary } from './events.js';
import { render } from './render.js';

/** The pattern as GitHub and editors apply it, to each line. */
const { problemMatcher } = JSON.parse(readFileSync(asset('.github/dumpsieve-matcher.json'), 'utf8'));
const [{ pattern }] = problemMatcher;
const MATCH = new RegExp(pattern[0].regexp);

function problems(text: string): Record<string, string>[] {
  const { regexp: _, ...groups } = pattern[0] as Record<string, number>;
  return text.split('\n').flatMap((line) => {
    const match = MATCH.exec(line);
    return match ? [Object.fromEntries(Object.entries(groups).map(([name, at]) => [name, match[at]!]))] : [];
  });
}

test('the matcher reads every line that is no comment', () => {
  for (const events of Object.values(RUNS)) {
    const text = render('lines', events);
    expect(problems(text)).toHaveLength(
      text
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('# ')).length,
    );
  }
});

test('a finding is an error in each file that holds it, with its id', () => {
  const held = finding({ occurrences: [place(16), { ...place(32), artifact: 1 }, place(48)] });
  const text = render('lines', [
    run(),
    artifact({ path: 'C:\\a b:9:9' }),
    artifact({ path: 'b' }),
    held,
    summary(),
  ]);
  expect(text.split('\n').slice(1, 3)).toEqual([
    'C:\\a b:9:9:1:1: error: Example token at 0x10 (12121212)',
    'b:1:1: error: Example token at 0x20 (12121212)',
  ]);
  expect(problems(text)[0]).toEqual({
    ...{ file: 'C:\\a b:9:9', line: '1', column: '1', severity: 'error' },
    ...{ message: 'Example token at 0x10', code: '12121212' },
  });
});

test('what was not read, and a run without an end, are warnings', () => {
  const levels = (name: string) => problems(render('lines', RUNS[name]!)).map(({ severity }) => severity);
  expect(levels('incomplete')).toEqual(['warning', 'warning', 'warning', 'warning']);
  expect(levels('aborted')).toEqual(['error', 'warning']);
  expect(levels('nothing')).toEqual([]);
});

test('what does not fail the gate is counted', () => {
  expect(render('lines', RUNS.findings!)).toContain('# 4 findings more, which do not fail the gate\n');
});

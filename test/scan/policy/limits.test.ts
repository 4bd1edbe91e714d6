import { describe, expect, test } from '@jest/globals';
import type { Limit, LimitTarget } from '../../../src/core/limits/limit.js';
import { effectOfLimit } from '../../../src/core/limits/limit-effect.js';
import { judgedLimits } from '../../../src/scan/conclusion.js';
import { causesOfArtifact, type ExitOptions, exitStatus, isAnswered } from '../../../src/scan/outcome.js';

const limit = (search: Limit['search'], target: LimitTarget, more: Partial<Limit> = {}): Limit => ({
  ...{ offset: 0, length: 1, left: 9, reason: 'x' },
  ...{ search, target, ...more },
});

const OPTIONS = {
  plain: {},
  '--strict': { strict: true },
  '--expect-absent': { expectAbsent: true },
  '--expect-absent --strict': { expectAbsent: true, strict: true },
  '--exit-zero': { exitZero: true },
} as const satisfies Record<string, Partial<ExitOptions>>;
type Options = keyof typeof OPTIONS;

function outcomeOf(
  limits: readonly Limit[],
  options: Options,
  accepted: readonly string[] = [],
): { exit: number; answered: boolean } {
  const chosen: ExitOptions = { exitZero: false, strict: false, expectAbsent: false, ...OPTIONS[options] };
  const policy = { accepted: new Set(accepted), hasTargets: chosen.expectAbsent };
  const coverage = { file: { bytes: 1, unread: [] }, limits: judgedLimits(limits, policy) };
  const causes = causesOfArtifact({ counts: false, coverage, warnings: [] });
  return { exit: exitStatus(causes, chosen), answered: isAnswered(causes) };
}

describe('exit status by target', () => {
  /** Exit status plain, --strict, --expect-absent, both, --exit-zero; then the same if accepted. */
  const rows: [string, Limit, readonly number[], readonly number[]][] = [
    ['asked', limit('ec-scalars', 'asked'), [2, 2, 2, 2, 2], [2, 2, 2, 2, 2]],
    ['asked and likely', limit('ec-scalars', 'asked', { likely: 1 }), [2, 2, 2, 2, 2], [2, 2, 2, 2, 2]],
    ['written and likely', limit('ec-scalars', 'written', { likely: 1 }), [2, 2, 0, 2, 2], [0, 0, 0, 0, 0]],
    ['written, none likely', limit('ec-scalars', 'written'), [0, 2, 0, 2, 0], [0, 0, 0, 0, 0]],
    ['the tail of a crowd', limit('ec-scalars', 'written', { left: 1e9 }), [0, 2, 0, 2, 0], [0, 0, 0, 0, 0]],
    ['blind', limit('rsa-unknown-n', 'blind'), [0, 2, 0, 2, 0], [0, 0, 0, 0, 0]],
    ['blind with likely', limit('ec-numbers', 'blind', { likely: 5 }), [2, 2, 0, 2, 2], [0, 0, 0, 0, 0]],
    ['hits not examined', limit('detect', 'blind'), [2, 2, 2, 2, 2], [0, 0, 2, 2, 0]],
    ['windows cut', limit('windows', 'blind'), [2, 2, 2, 2, 2], [0, 0, 2, 2, 0]],
    ['JSON Web Keys cut', limit('jwk-reach', 'blind'), [2, 2, 2, 2, 2], [0, 0, 2, 2, 0]],
    ['copies', limit('copies', 'blind'), [0, 2, 2, 2, 0], [0, 0, 2, 2, 0]],
    ['findings not listed', limit('findings', 'blind'), [0, 2, 0, 2, 0], [0, 0, 0, 0, 0]],
  ];
  const columns = Object.keys(OPTIONS) as Options[];
  test.each(rows)('%s', (_, each, exits, accepted) => {
    expect(columns.map((options) => outcomeOf([each], options).exit)).toEqual(exits);
    expect(columns.map((options) => outcomeOf([each], options, [each.search]).exit)).toEqual(accepted);
    expect(columns.map((options) => outcomeOf([each], options, ['signers']).exit)).toEqual(exits);
  });

  test('of several the strongest decides', () => {
    const [weak, strong] = [limit('rsa-unknown-n', 'blind'), limit('ec-scalars', 'written', { likely: 1 })];
    expect(outcomeOf([weak, strong], 'plain').exit).toBe(2);
    expect(outcomeOf([weak, strong], 'plain', ['ec-scalars']).exit).toBe(0);
    expect(outcomeOf([weak, strong], '--strict', ['ec-scalars']).exit).toBe(2);
  });
});

describe('an answer to --find', () => {
  const rows: [string, Limit, boolean][] = [
    ['a search for the target', limit('ec-scalars', 'asked'), false],
    ['a search for a public key of the file', limit('ec-scalars', 'written', { likely: 7 }), true],
    ['a blind search', limit('rsa-unknown-n', 'blind'), true],
    ['hits not examined', limit('detect', 'blind'), false],
    ['seams', limit('seams', 'blind'), false],
    ['tokens', limit('tokens', 'blind'), true],
  ];
  test.each(rows)('is complete after %s: %#', (_, each, answered) => {
    expect(outcomeOf([each], '--expect-absent').answered).toBe(answered);
    expect(outcomeOf([each], '--expect-absent', [each.search]).answered).toBe(answered);
  });
});

describe('limits of a report', () => {
  const blind = limit('rsa-unknown-n', 'blind');
  const likely = limit('ec-scalars', 'written', { likely: 1 });
  const asked = limit('ec-scalars', 'asked');
  const policy = { accepted: new Set(['ec-scalars', 'ed25519-seeds']), hasTargets: true };

  test('those with an effect come first, accepted ones last', () => {
    const seeds = limit('ed25519-seeds', 'written', { likely: 1 });
    const limits = judgedLimits([seeds, blind, likely, asked, limit('proof', 'blind')], {
      ...policy,
      accepted: new Set(['ed25519-seeds']),
    });
    expect(limits.map((each) => [each.search, effectOfLimit(each)])).toEqual([
      ['ec-scalars', 'asked'],
      ['proof', 'asked'],
      ['ec-scalars', 'likely'],
      ['rsa-unknown-n', 'note'],
      ['ed25519-seeds', 'accepted'],
    ]);
  });

  test('only limits of other targets are marked as accepted', () => {
    expect(judgedLimits([asked, likely, blind], policy)).toEqual([
      asked,
      blind,
      { ...likely, accepted: true },
    ]);
  });

  test('without targets nothing is asked for', () => {
    const [kept] = judgedLimits([limit('copies', 'blind')], { accepted: new Set(), hasTargets: false });
    expect(kept?.target).toBe('blind');
  });
});

import { DumpsieveError } from '../core/base/runtime/errors.js';
import { spellBytes } from '../core/base/text/spell.js';
import type { Step } from '../core/base/text/steps.js';
import type { Finding } from '../core/model/report.js';
import type { ExamineObserver } from '../detect/observer.js';
import type { Rule } from '../rules/types.js';
import { listRules, type RuleOptions } from './check.js';
import { scanWithin } from './scan.js';

export type { Step } from '../core/base/text/steps.js';

/** Why a text did or did not count for a rule. */
export interface RuleTest {
  ruleId: string;
  /** Steps in the order in which the decision was made. */
  steps: Step[];
  /** Steps after the first ones, which are only counted. */
  furtherSteps: number;
  /** Findings with the default thresholds; masked. */
  findings: Finding[];
}

/** Steps that are kept: the text is a few lines, or a dump. */
const MOST = 500;

/**
 * Scans a file, or standard input (`-`), with one rule and explains each step of its detector. The steps and
 * findings have offsets, lengths and classes of characters, but no secret.
 */
export async function testRule(id: string, path: string, options: RuleOptions = {}): Promise<RuleTest> {
  const [rule] = await listRules({ ...options, only: [id] });
  if (rule === undefined || rule.id !== id) throw noSuchRule(id);
  const steps: Step[] = [];
  let all = 0;
  const explain = (step: Step): void => {
    if (all++ < MOST) steps.push(step);
  };
  const observer: ExamineObserver = {
    hit(_, offset, wide, anchor) {
      explain(anchorStep(offset, wide, anchor));
      return true;
    },
    spent() {},
    explain,
  };
  const findings: Finding[] = [];
  const ruleOptions = { ...options, only: [rule.id], paths: [path] };
  for await (const event of scanWithin(ruleOptions, { observer, everyHit: true })) {
    if (event.type === 'finding') findings.push(event);
    if (event.type === 'summary' && event.bytesScanned === 0) throw nothingRead(path);
  }
  if (steps.length === 0) steps.push(nothingFound(rule));
  return { ruleId: rule.id, steps, furtherSteps: all - Math.min(all, MOST), findings };
}

const anchorStep = (offset: number, wide: boolean, anchor: Uint8Array): Step => ({
  name: 'anchor',
  passed: true,
  offset,
  text: `${spellBytes(anchor)} in ${wide ? 'UTF-16' : 'single bytes'}`,
});

function nothingFound({ anchors, near, detector }: Rule): Step {
  const count = anchors.length + (near?.anchors.length ?? 0);
  if (count > 0)
    return {
      name: 'anchor',
      passed: false,
      text: `none of the rule's ${count} anchors is in the text where its pattern could match`,
    };
  if (detector === 'value')
    return { name: 'run', passed: false, text: 'no run of 16 and more characters of a value looks random' };
  return { name: 'detector', passed: false, text: `the rules of ${detector} describe what a search finds` };
}

const noSuchRule = (id: string): DumpsieveError =>
  new DumpsieveError({
    code: 'unknown-rule',
    message: `${JSON.stringify(id)} is not the id of one rule`,
    hint: '`dumpsieve rules list` shows all ids',
  });

const nothingRead = (path: string): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'nothing-read',
      message: `${path} has no byte that could be read`,
      hint: 'name a file with the text, or - for standard input',
    },
    3,
  );

import { makeupText, type Step } from '../../core/base/text/steps.js';
import type { Rule } from '../../rules/types.js';
import type { TextWindow } from './window.js';

/** Steps of the text detector's decision, in the order in which it takes them. */

export const windowStep = ({ text, hits, place, key }: TextWindow): Step => {
  const wide = text.length > 0 ? place(0, 1).wide : undefined;
  const form = wide === undefined ? 'one byte a character' : `UTF-16${wide.toUpperCase()}`;
  const anchors = hits.length === 1 ? 'an anchor' : `${hits.length} anchors`;
  return {
    name: 'window',
    ...(text.length > 0 ? { offset: key(0) } : {}),
    text: `${text.length} characters around ${anchors}, ${form}`,
  };
};

export const NO_MAKEUP: Step = {
  name: 'pattern',
  passed: false,
  text: 'no run of its characters is long enough for the pattern',
};

export const noMatch = (offset: number | undefined, found: number): Step => ({
  name: 'pattern',
  ...(found > 0 ? {} : { passed: false }),
  ...(offset === undefined ? {} : { offset }),
  text: found > 0 ? 'no further match in this window' : 'does not match in this window',
});

export const matchStep = (offset: number, secret: string): Step => ({
  name: 'pattern',
  passed: true,
  offset,
  text: `matches; the secret has ${makeupText(secret)}`,
});

export const outOfReach = ({ window: { before, after } }: Rule): Step => ({
  name: 'reach',
  passed: false,
  text: `the match is not within ${before} characters before an anchor and ${after} after it`,
});

/** Where the run of a token's alphabet goes on. */
export type Continued = 'before' | 'after' | undefined;

export const boundaryStep = (continued: Continued, checked: boolean): Step => ({
  name: 'boundary',
  passed: continued === undefined || checked,
  text:
    continued === undefined
      ? 'it is a whole run of its alphabet'
      : checked
        ? `its alphabet goes on ${continued} it, but a checksum passes`
        : `it is part of a longer run: its alphabet goes on ${continued} it`,
});

export const checkStep = (name: string, result: boolean | undefined): Step => ({
  name: 'check',
  ...(result === undefined ? {} : { passed: result }),
  text: `${name} ${result === undefined ? 'has nothing to check' : result ? 'passes' : 'fails'}`,
});

export const entropyStep = (bits: number, least: number, checked: boolean): Step => ({
  name: 'entropy',
  passed: checked || bits >= least,
  text: `${bits.toFixed(2)} bits a character, at least ${least}${checked ? ' without a checksum' : ''}`,
});

export const placeholderStep = (sign: string | undefined): Step => ({
  name: 'placeholder',
  passed: sign === undefined,
  text: sign === undefined ? 'it does not look like one' : `it looks like one: ${sign}`,
});

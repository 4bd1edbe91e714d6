import type { NumberForm } from '../../core/encodings/number-codec.js';
import { NUMBER_FORMS, type SearchedForm } from '../../core/encodings/number-forms.js';

/** A form in which runtimes store the digits of big integers. */
export type DigitForm = NumberForm<SearchedForm>;

/** Forms of one layout, the narrower first: its digits are digits of the wider one, too. */
type Layout = readonly DigitForm[];

/** V8's small integers with compressed pointers. */
export const COMPRESSED: Layout = [NUMBER_FORMS['v8-smi26c'], NUMBER_FORMS['v8-smi28c']];

/** Layouts inside runs of random-looking words, by their codes in src/sweep/runs/kernel/digits.as.ts. */
export const RUN_FORMS: readonly Layout[] = [
  [NUMBER_FORMS['digits28-le32'], NUMBER_FORMS['digits30-le32']],
  [NUMBER_FORMS['digits60-le64']],
  [NUMBER_FORMS['digits63-le64']],
  COMPRESSED,
];

/**
 * Layouts of JavaScript engines with too many constant bytes for the entropy net: they have a net of their
 * own.
 */
export const ENGINE_FORMS: readonly Layout[] = [
  [NUMBER_FORMS['v8-smi26'], NUMBER_FORMS['v8-smi28']],
  [NUMBER_FORMS['v8-double26'], NUMBER_FORMS['v8-double28']],
  [NUMBER_FORMS['jsc-int26'], NUMBER_FORMS['jsc-int28']],
];

export const DIGIT_FORMS: Layout = [...RUN_FORMS, ...ENGINE_FORMS].flat();

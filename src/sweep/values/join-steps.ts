import type { Explain, Step } from '../../core/base/text/steps.js';

/** Why a run is joined with no name, and what it is joined by: steps of `rules test`. */
const REASONS = {
  noName: ['name', 'no name of the rule is within 100 characters before it'],
  armoured: ['shape', 'it is a line of a PEM block or the like'],
  vetoed: ['name', 'the name before it says that it is no secret (src/sweep/values/word-lists.ts)'],
  identity: ['form', 'it is the checksum of a file whose path has the name, or the fingerprint of a key'],
  other: ['form', 'it is a JSON Web Token, a key ID of AWS or a digest that says so'],
  unnamed: ['name', 'the name that the shape gives is not one of the rule, or the form is not its'],
  weak: ['gate', 'it looks like a symbol, a path or a digest, and the name says little'],
  gated: ['gate', 'it looks like a symbol, a path or a table'],
  distant: ['name', 'no name with a form of the rule is near it'],
} as const satisfies Readonly<Record<string, readonly [Step['name'], string]>>;

export type Refusal = keyof typeof REASONS;

/** Where steps go while a join is explained. */
export class JoinSteps {
  explain: Explain | undefined = undefined;

  /** Reports why a run is not joined. */
  refuse(why: Refusal): false {
    if (this.explain) {
      const [name, text] = REASONS[why];
      this.explain({ name, passed: false, text });
    }
    return false;
  }

  /** Reports the place in a shape that was found. */
  shapeFound(shape: string): void {
    this.explain?.({ name: 'shape', passed: true, text: shape });
  }
}

/** One step of a detector's decision, for `rules test`. It never has bytes of a secret. */
export interface Step {
  name:
    | 'anchor'
    | 'window'
    | 'pattern'
    | 'reach'
    | 'boundary'
    | 'check'
    | 'entropy'
    | 'placeholder'
    | 'detector'
    | 'run'
    | 'name'
    | 'shape'
    | 'form'
    | 'gate';
  /** Undefined for a step that only reports. */
  passed?: boolean;
  /** File offset that the step is about. */
  offset?: number;
  /** A phrase: "github-crc32 passes". */
  text: string;
}

/** Receives the steps of a decision. Detectors call it only if there is one. */
export type Explain = (step: Step) => void;

const CLASSES: readonly [name: string, pattern: RegExp][] = [
  ['A-Z', /[A-Z]/],
  ['a-z', /[a-z]/],
  ['0-9', /[0-9]/],
  ['other ASCII', /[\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/],
  ['other bytes', /[^\x20-\x7e]/],
];

/** What a secret consists of, for a step: "40 characters: a-z, 0-9". */
export function makeupText(secret: string): string {
  const classes = CLASSES.filter(([, pattern]) => pattern.test(secret)).map(([name]) => name);
  return `${secret.length} characters: ${classes.join(', ')}`;
}

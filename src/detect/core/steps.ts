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
  /** A sentence without a subject: "its checksum matches". */
  text: string;
}

/** Receives the steps of a decision. Detectors call it only if there is one. */
export type Explain = (step: Step) => void;

const CLASSES: readonly [name: string, pattern: RegExp][] = [
  ['upper-case letters', /[A-Z]/],
  ['lower-case letters', /[a-z]/],
  ['digits', /[0-9]/],
  ['other printable characters', /[\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/],
  ['bytes that are not printable', /[^\x20-\x7e]/],
];

/** What a secret consists of, for a step: "40 characters: digits, lower-case letters". */
export function makeupText(secret: string): string {
  const classes = CLASSES.filter(([, pattern]) => pattern.test(secret)).map(([name]) => name);
  return `${secret.length} characters: ${classes.join(', ')}`;
}

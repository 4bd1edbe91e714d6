import { der } from './der.js';
import { jwk } from './jwk.js';
import { jwt } from './jwt.js';
import { openssh } from './openssh.js';
import { pem } from './pem.js';
import { spki } from './spki.js';
import { text } from './text.js';
import type { Detector } from './types.js';

/** Every detector that a rule can name. */
export const detectors: ReadonlyMap<string, Detector> = new Map(
  [text, jwt, pem, der, openssh, jwk, spki].map((detector) => [detector.name, detector]),
);

import type { DetectorName } from '../rules/vocabulary.js';
import { cng } from './cng.js';
import type { Detector } from './core/types.js';
import { der } from './der.js';
import { jwk } from './jwk.js';
import { jwt } from './jwt.js';
import { openssh } from './openssh.js';
import { pem } from './pem.js';
import { sexp } from './sexp.js';
import { spki } from './spki.js';
import { textDetector } from './text/detector.js';

/** Called by the entropy net (the numbers room) and by `--find`, never by an anchor: a rule names them to say what its findings mean. */
const run: Detector = { name: 'run', examine: () => [] };
const find: Detector = { name: 'find', examine: () => [] };

const table: Readonly<Record<DetectorName, Detector>> = {
  text: textDetector,
  jwt,
  pem,
  der,
  openssh,
  jwk,
  cng,
  sexp,
  spki,
  run,
  find,
};

/** Every detector that a rule can name. */
export const detectors: ReadonlyMap<string, Detector> = new Map(Object.entries(table));

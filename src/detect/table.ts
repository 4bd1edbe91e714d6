import type { DetectorName } from '../rules/vocabulary.js';
import { cng } from './binary/cng.js';
import { der } from './binary/der.js';
import { openssh } from './binary/openssh.js';
import { sexp } from './binary/sexp.js';
import { spki } from './binary/spki.js';
import type { Detector } from './core/types.js';
import { jwk } from './jwk/jwk.js';
import { password } from './password/password.js';
import { pem } from './pem/pem.js';
import { textDetector } from './text/detector.js';
import { jwt } from './text/jwt.js';
import { session } from './text/session.js';

/** Without anchors: their rules describe findings of the search for bare keys (`run`) and of `--find`. */
const run: Detector = { name: 'run', examine: () => [] };
const find: Detector = { name: 'find', examine: () => [] };
/** Without anchors: its rules describe random-looking values beside a name (`src/sweep/values/`). */
const value: Detector = { name: 'value', examine: () => [] };
/** Without anchors: its rules name classes whose objects hold keys (`src/detect/objects/`). */
const object: Detector = { name: 'object', examine: () => [] };

const table: Readonly<Record<DetectorName, Detector>> = {
  text: textDetector,
  jwt,
  session,
  pem,
  der,
  openssh,
  jwk,
  cng,
  sexp,
  spki,
  run,
  find,
  value,
  object,
  password,
};

/** All detectors, by the name that rules use. */
export const detectors: ReadonlyMap<string, Detector> = new Map(Object.entries(table));

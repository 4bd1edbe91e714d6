import type { Warning } from '../base/runtime/warnings.js';
import type { Container } from '../containers/decoding/container.js';
import { warnings } from './warnings.js';

/** The warning of a container without a decoder, or whose content is too long to be decoded once more. */
export const notUnpacked = ({ name, treatment }: Container): Warning =>
  warnings.of('container-not-unpacked', {
    message: `${name} container: not unpacked yet, only its stored bytes were searched`,
    hint:
      'unpack' in treatment
        ? `unpack it: ${treatment.unpack}`
        : 'decode the file around it, and scan what comes out',
  });

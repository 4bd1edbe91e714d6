import type { Warning } from '../../base/runtime/warnings.js';
import { warnings } from '../decoding/warnings.js';
import type { LzmaKernel } from './lzma-kernel.js';

/**
 * A match further back than the history that is kept, of a stream whose dictionary is larger. Undefined if
 * the dictionary is smaller: then the data is damaged.
 */
export function tooFar(
  codec: string,
  { limit }: LzmaKernel,
  offset: number,
  dictionary: number,
): Warning | undefined {
  if (dictionary <= limit) return undefined;
  return warnings.of('container-window', {
    message:
      `the ${codec} data at offset ${offset} of the container needs a dictionary of ${dictionary} bytes, ` +
      `of which ${limit} are kept`,
    hint: `decode it outside: ${codec === 'lzip' ? 'lzip' : 'xz'} -dc FILE | dumpsieve scan -`,
    offset,
  });
}

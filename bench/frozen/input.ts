import type { KeyObject } from 'node:crypto';
import { pkcs8Pem } from '../../fixtures/keys.js';

/** A scan, a copy or a masked text of an input; each gives rows. */
export type Command = 'scan' | 'find' | 'redact' | 'backtrace' | 'mask';

/** A file of the frozen set, made by seed. */
export interface Input {
  /** `group/name`; also the path of the file below the working folder. */
  name: string;
  bytes: Buffer;
  commands: readonly Command[];
  /** Arguments of the scan. */
  args?: readonly string[];
}

/** A file that commands name in their arguments, such as the key of `--find`. */
export interface SideFile {
  path: string;
  text: string;
}

/** The arguments that search for a key, and the file they name. */
export function findKey(name: string, key: KeyObject): { args: string[]; file: SideFile } {
  const path = `find/${name.replaceAll('/', '-')}.pem`;
  const text =
    key.type === 'private' ? pkcs8Pem(key) : key.export({ format: 'pem', type: 'spki' }).toString();
  return { args: ['--find', path], file: { path, text } };
}

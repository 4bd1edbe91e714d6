import fs from 'node:fs';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';

/** First 8 hexadecimal digits of the id of this boot; zeros where the system has none. */
export function bootId(): string {
  const id = orUndefined(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'));
  return /^[0-9a-f]{8}/.exec(id ?? '')?.[0] ?? '00000000';
}

import { constants, inflateSync } from 'node:zlib';
import type { FieldReader } from '../../../core/base/bytes/field-reader.js';
import { systemCode } from '../../../core/base/runtime/errors.js';
import { type ContainerRow, decodedLater, isBinary } from '../decoding/container.js';
import { isZlibHeader } from './zlib-header.js';

/** Bytes from which on a head that can be inflated is no accident, although its data does not end there. */
const SURE = 64;
/** Bytes of content from which on a head is no accident: inflating all that it can expand to takes 2 ms. */
const MOST = 64 * 1024;

/** The two headers of a window of 32 KiB that no text begins with: default and best compression. */
const MAGIC = [0x789c, 0x78da];

/**
 * A header, which is hardly a magic, and data behind it: up to its checksum, or as long as the head. Behind
 * two headers it may be damaged.
 */
function isZlib(head: FieldReader): boolean {
  if (head.length < 8 || !isZlibHeader(head.u8(0), head.u8(1))) return false;
  if (MAGIC.includes(head.u8(0) * 256 + head.u8(1)) && isBinary(head, 2, SURE)) return true;
  const isSure = head.length >= SURE;
  try {
    inflateSync(head.bytes, {
      maxOutputLength: MOST,
      ...(isSure && { finishFlush: constants.Z_SYNC_FLUSH }),
    });
    return true;
  } catch (error) {
    return systemCode(error) === 'ERR_BUFFER_TOO_LARGE';
  }
}

export const zlib: ContainerRow = {
  name: 'zlib',
  first: '\b\x18(8HXhx',
  suffixes: { '.zz': '', '.zlib': '' },
  treatment: decodedLater(async () => (await import('./zlib.js')).unzlib),
  stream: 'zlib-flate -uncompress',
  probe: isZlib,
};

import { FieldReader } from '../../../core/base/bytes/field-reader.js';

/**
 * Start of an HPROF file (heapDumper.cpp of HotSpot, hprof_b_spec.h): "JAVA PROFILE 1.0.x\0", size of an
 * identifier (u4), milliseconds since 1970 (u8). Everything is big-endian.
 */
export interface HprofHeader {
  version: string;
  idSize: 4 | 8;
  /** Size of the header in bytes; the first record follows. */
  length: number;
  /** Milliseconds since 1970. */
  time: bigint;
}

const MAGIC = /^JAVA PROFILE (1\.0\.[123])\0/;
const MAGIC_LENGTH = 19;
const LENGTH = MAGIC_LENGTH + 4 + 8;

/** The header; undefined if it is truncated or invalid. */
export function readHeader(head: Uint8Array): HprofHeader | undefined {
  const version = versionOf(head);
  if (version === undefined || head.length < LENGTH) return undefined;
  const fields = new FieldReader(head, 'be');
  const idSize = fields.u32(MAGIC_LENGTH);
  if (idSize !== 4 && idSize !== 8) return undefined;
  return { version, idSize, length: LENGTH, time: fields.u64(MAGIC_LENGTH + 4) };
}

export function versionOf(head: Uint8Array): string | undefined {
  return MAGIC.exec(Buffer.from(head.subarray(0, MAGIC_LENGTH)).toString('latin1'))?.[1];
}

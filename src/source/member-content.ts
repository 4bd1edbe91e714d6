import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { openStorage, type Storage } from '../core/base/bytes/storage.js';
import type { ExpansionBudget } from './archive.js';
import { wholeDecoderOf } from './containers/containers.js';
import {
  type ContainerDecoder,
  type DecodeReport,
  newDecodeReport,
  warnings,
} from './containers/decoding/decoder.js';
import { checkContent } from './decode-to-sink.js';
import { decodeAll } from './decode-to-spool.js';
import type { SelectedMember } from './member-list.js';
import { Spool } from './spool.js';
import { Lease, type SourceContext, type StoredBytes } from './stored-bytes.js';

/** The stored bytes of an encrypted member, decrypted into a spool. `codec`: of what is encrypted. */
export async function decrypted(
  stored: StoredBytes,
  decrypt: ContainerDecoder,
  codec: string | undefined,
  context: SourceContext,
): Promise<StoredBytes> {
  const { storage, watch } = stored;
  // Of compressed content the checksum is that of what it expands to.
  const coded = codec === undefined ? stored : { ...stored, expected: undefined };
  const { spool, report } = await decodeAll(coded, decrypt, context, storage.length);
  const { unread, warnings } = addDoubt(report);
  const lease = new Lease(() => spool.close());
  const content = { ...stored, storage: spool.storage(), lease, unread, warnings };
  if (codec !== undefined) return content;
  // The file may be closed before this content is.
  warnings.push(...(watch?.changes() ?? []));
  return { ...content, watch: undefined };
}

/** Adds what decrypting has reported to the report of decoding what came out. */
export function addDecrypting(
  report: DecodeReport,
  { unread = [], warnings: earlier = [] }: StoredBytes,
): void {
  const [first] = unread;
  if (first !== undefined && report.unread.length === 0)
    report.unread.push({ offset: 0, length: null, reason: first.reason });
  if (earlier.length === 0) addDoubt(report);
  report.warnings.unshift(...earlier);
}

/** Bytes of a stored member between two turns of timers and signals. */
const PIECE = 1024 * 1024;

/** A member that is stored as it is, with a warning if it differs from what the archive states of it. */
export async function checked(stored: StoredBytes, { signal }: SourceContext): Promise<StoredBytes> {
  const { storage, expected, selected } = stored;
  if (expected?.crc32 === undefined || selected?.itself === false) return stored;
  const reader = openStorage(storage);
  const piece = Buffer.alloc(Math.min(PIECE, storage.length));
  let sum = 0;
  let at = 0;
  for (let count = 1; at < storage.length && count > 0; at += count) {
    try {
      count = reader.read(at, piece);
    } catch {
      // The sweep reports what cannot be read.
      return stored;
    }
    sum = crc32(piece.subarray(0, count), sum);
    if (storage.length > PIECE) await setImmediate();
    signal?.throwIfAborted();
  }
  const report = newDecodeReport();
  report.decoded = at;
  checkContent(report, sum, expected);
  return { ...stored, unread: report.unread, warnings: report.warnings };
}

/** A short check value fits some wrong passwords. */
function addDoubt(report: DecodeReport): DecodeReport {
  if (report.unread.length === 0) return report;
  report.warnings.push(
    warnings.of('member-encrypted', {
      message: 'it was decrypted, and what came out is damaged',
      hint: 'the password may be that of another member: unpack it with its own, and scan the folder',
    }),
  );
  return report;
}

/** Stored and decoded bytes of a member that is decoded at once: a stream would take longer than the rest. */
const SHORT = 256 * 1024;

/** Decodes a short member whose data is as the archive says; undefined for any other. */
export async function decodeShort(
  storage: Storage,
  { codec, expected: { crc32: crc, length } = {} }: SelectedMember,
  { budget, spoolDir }: SourceContext,
  allowance: ExpansionBudget,
): Promise<{ spool: Spool; report: DecodeReport } | undefined> {
  if (codec === undefined || crc === undefined || length === undefined) return undefined;
  if (storage.length > SHORT || length > Math.min(SHORT, allowance.decoded)) return undefined;
  const decodeWhole = await wholeDecoderOf(codec);
  const bytes = Buffer.alloc(storage.length);
  if (decodeWhole === undefined || openStorage(storage).read(0, bytes) < bytes.length) return undefined;
  const content = decodeWhole(bytes, length);
  if (content?.length !== length || crc32(content) !== crc) return undefined;
  const spool = new Spool(budget, spoolDir);
  await spool.write(content);
  content.fill(0);
  allowance.decoded -= length;
  return { spool, report: { ...newDecodeReport(), decoded: length, charged: length } };
}

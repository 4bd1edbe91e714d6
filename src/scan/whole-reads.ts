import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ByteReader } from '../core/base/bytes/storage.js';
import { finishInTurns } from '../core/base/runtime/turns.js';
import type { ArtifactReport, EntropyFacts, Unread } from '../core/model/report.js';
import { regionsOf } from '../formats/memory/region-list.js';
import type { Audit } from '../formats/memory/types.js';
import { entropyOf } from './entropy-samples.js';
import type { OpenDump } from './open-dump.js';

/** Bytes of one read. */
const PIECE = 2 ** 20;
/** Bytes of a page of WebAssembly memory. */
const WASM_PAGE = 65_536;
/** Bytes after which signals and timers get a turn. */
const YIELD_BYTES = 16 * PIECE;

/**
 * A piece for the next read. New memory of WebAssembly for each small file makes V8 collect the whole heap
 * every thirty files.
 */
let idle: Uint8Array | undefined;

function takePiece(): Uint8Array {
  // Aligned, as direct reads of a file with holes need it (base/bytes/direct-reads.ts).
  const piece = idle ?? new Uint8Array(new WebAssembly.Memory({ initial: PIECE / WASM_PAGE }).buffer);
  idle = undefined;
  return piece;
}

/** Keeps a piece for the next read. `used`: bytes of it that were read, which are overwritten. */
function releasePiece(piece: Uint8Array, used: number): void {
  piece.fill(0, 0, used);
  idle = piece;
}

/** SHA-256 of an artifact's stored bytes, lower-case hex. Undefined if not all could be read. */
export async function sha256(reader: ByteReader, signal?: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  const isRead = await readWhole(reader, (bytes) => hash.update(bytes), signal);
  return isRead ? hash.digest('hex') : undefined;
}

/** What an artifact lacks by an audit of its bytes. Throws the signal's reason. */
export async function lackingBy(audit: Audit, reader: ByteReader, signal?: AbortSignal): Promise<Unread[]> {
  const isRead = await readWhole(reader, (bytes) => audit.push(bytes), signal);
  signal?.throwIfAborted();
  return isRead ? audit.end() : [];
}

/** Regions and entropy of an artifact; the latter may have been sampled while it was decoded. */
export async function mapOf(
  { dump, reader, length }: Pick<OpenDump, 'dump' | 'reader' | 'length'>,
  sampled: EntropyFacts | undefined,
  signal?: AbortSignal,
): Promise<Required<Pick<ArtifactReport, 'regions' | 'entropy'>>> {
  const regions = await finishInTurns(regionsOf(dump, length), signal);
  return { regions, entropy: sampled ?? (await finishInTurns(entropyOf(reader), signal)) };
}

/**
 * Reads an artifact's stored bytes in file order. False if the scan was stopped or a byte could not be read;
 * the coverage reports that. The bytes are overwritten by the next read.
 */
async function readWhole(
  reader: ByteReader,
  take: (bytes: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const piece = takePiece();
  try {
    for (let offset = 0; offset < reader.length; ) {
      const read = readSome(reader, offset, piece.subarray(0, Math.min(PIECE, reader.length - offset)));
      if (read === 0) return false;
      take(piece.subarray(0, read));
      offset += read;
      if (offset % YIELD_BYTES === 0) await setImmediate();
      if (signal?.aborted) return false;
    }
    return true;
  } finally {
    releasePiece(piece, Math.min(PIECE, reader.length));
  }
}

function readSome(reader: ByteReader, offset: number, target: Uint8Array): number {
  try {
    return reader.read(offset, target);
  } catch {
    return 0;
  }
}

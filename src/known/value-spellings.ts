import { Secret } from '../base/crypto/secret.js';
import { VALUE_ENCODINGS } from '../encodings/encodings.js';
import type { Stream } from './needles.js';

/** A value to search for as text: a token, a password, the contents of a file. */
export interface Value {
  /** Index of the key in the sweep. */
  key: number;
  value: Secret;
}

/**
 * Values match as a whole only: a part (the host of a URL, the start of a JSON document) may be no secret.
 */
const WHOLE = Number.POSITIVE_INFINITY;

/** Printable ASCII: its UTF-16 form has NULs between the bytes. */
const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);

/** Text of UTF-8; undefined for other bytes. */
function textOf(value: Uint8Array): string | undefined {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = buffer.toString('utf8');
  return buffer.equals(Buffer.from(text, 'utf8')) ? text : undefined;
}

/** The streams of values, narrow before wide. */
export function* valueStreams(values: readonly Value[]): Iterable<Stream> {
  for (const wide of [false, true])
    for (const { key, value } of values) {
      const seen = new Set<string>();
      const text = textOf(value.reveal());
      for (const { name, text: lines, spell } of VALUE_ENCODINGS)
        for (const { bytes, shared } of spell(value.reveal(), text)) {
          const id = Buffer.from(bytes).toString('latin1');
          if (seen.has(id) || (wide && !isAscii(bytes))) continue;
          seen.add(id);
          const form = { name, text: lines, unit: WHOLE };
          yield { key, component: '', form, wide, encoded: new Secret(bytes), shared };
        }
    }
}

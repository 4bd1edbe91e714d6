/** Fields of a message by their numbers, up to {@link MAX_FIELD}; of a repeated one the last. */
export interface ProtobufFields {
  numbers: readonly (number | undefined)[];
  bytes: readonly (Uint8Array | undefined)[];
}

const MAX_FIELD = 15;
/** Wire types (protobuf.dev, "Encoding"). */
const [VARINT, I64, LEN, I32] = [0, 1, 2, 5];

/** Reads the fields of one message; undefined if it is none. */
export function protobufFields(message: Uint8Array): ProtobufFields | undefined {
  const numbers: (number | undefined)[] = [];
  const bytes: (Uint8Array | undefined)[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const key = varint();
    const [field, type] = [Math.floor(key / 8), key % 8];
    const value = type === VARINT || type === LEN ? varint() : 0;
    const length = type === LEN ? value : type === I64 ? 8 : type === I32 ? 4 : 0;
    if (Number.isNaN(value) || !(type === VARINT || length > 0 || type === LEN)) return undefined;
    if (!(at + length <= message.length)) return undefined;
    if (field <= MAX_FIELD && type === VARINT) numbers[field] = value;
    if (field <= MAX_FIELD && type === LEN) bytes[field] = message.subarray(at, at + length);
    at += length;
  }
  return { numbers, bytes };
}

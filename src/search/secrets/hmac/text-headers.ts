/** Printable bytes of a secret. */
export const TEXT = { least: 16, most: 256 };
/** The 32-bit word at `at`, or -1 before the bytes. */
export const wordAt = (bytes: Buffer, at: number): number => (at < 0 ? -1 : bytes.readUInt32LE(at));

/**
 * Bytes as text of one character a byte. They are made when they are first read: of most of a thousand
 * literals never, and garbage collections are a third of the start of a scan.
 */
export class Latin1Bytes {
  readonly latin1: string;
  #bytes: Uint8Array | undefined;

  constructor(latin1: string) {
    this.latin1 = latin1;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(Buffer.from(this.latin1, 'latin1'));
    return this.#bytes;
  }
}

/** The text of bytes. */
export function latin1Of(of: { readonly bytes: Uint8Array }): string {
  if (of instanceof Latin1Bytes) return of.latin1;
  const { buffer, byteOffset, length } = of.bytes;
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}

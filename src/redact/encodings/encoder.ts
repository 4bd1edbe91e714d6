/** Encodes content chunk by chunk. Parts that it returns are valid until its next call. */
export interface Encoder {
  /** Takes bytes, which it does not use after its promise. Resolves with what is encoded by now. */
  push(bytes: Uint8Array): Promise<readonly Uint8Array[]>;
  /** The rest. */
  end(): Promise<readonly Uint8Array[]>;
  close(): void;
}

import { readFileSync } from 'node:fs';
import { DumpsieveError, systemCode } from '../errors.js';
import { readWanted } from '../wanted/read.js';
import type { Wanted } from '../wanted/types.js';

/** What an error about a file says beside its path. */
export interface FileNotice {
  code: string;
  hint: string;
}

/** A whole file; throws (exit 3) where it cannot be read. */
export function readFile(file: string, { code, hint }: FileNotice): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const message = `${file} cannot be read (${systemCode(error) ?? 'unknown error'})`;
    throw new DumpsieveError({ code, message, hint }, 3, error);
  }
}

/** The keys and values in a file; throws (exit 3) where it cannot be read, and `unknown` where nothing in it is recognised. */
export async function readWantedFile(
  file: string,
  { unreadable, unknown }: { unreadable: FileNotice; unknown: string },
): Promise<Wanted[]> {
  const wanted = await readWanted(readFile(file, unreadable));
  if (wanted.length > 0) return wanted;
  throw new DumpsieveError({
    code: unknown,
    message: `${file} holds no key or secret that can be recognised`,
    hint: 'give a certificate, a public or private key (PEM, DER, OpenSSH; decrypted), a JWK or JWKS, a Kubernetes Secret, an .env file or digests of public keys, of at most 16 MiB',
  });
}

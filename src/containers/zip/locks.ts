import type { Reader } from '../../base/bytes/storage.js';
import type { Secret } from '../../base/crypto/secret.js';
import type { Warning } from '../../base/runtime/warnings.js';
import { displayName } from '../../base/text/escape.js';
import type { Decoder } from '../decoding/decoder.js';
import type { Member } from '../decoding/member.js';
import { warnings } from '../decoding/warnings.js';
import { decryptorOf, type Encryption } from './encryption.js';

/** Members of one archive that the password may not fit: a trial of AES takes about a millisecond. */
const MOST_MISSES = 1000;

/** The encrypted members of one archive. */
export class Locks {
  readonly #reader: Reader;
  #misses = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** The member, with what unlocks it if it is encrypted. */
  add(member: Member, encryption: Encryption | undefined): Member {
    if (encryption === undefined) return member;
    const { expected: { crc32, ...length } = {}, problem, ...rest } = member;
    // AE-2 has zero in place of the checksum.
    const hasChecksum = crc32 !== undefined && encryption.aes?.hasChecksum !== false;
    const expected = hasChecksum ? { ...length, crc32 } : length;
    const unlock = (password?: Secret): Decoder | Warning => this.#unlock(member, encryption, password);
    return { ...rest, ...(problem && { problem }), expected, unlock };
  }

  #unlock({ name, stored }: Member, encryption: Encryption, password?: Secret): Decoder | Warning {
    const { offset } = stored;
    if (password === undefined) return encrypted(name, 'its content was not searched', WITHOUT, offset);
    if (this.#misses >= MOST_MISSES) {
      const why = `the password was not tried, since it does not fit ${MOST_MISSES} others`;
      return encrypted(name, why, UNPACK, offset);
    }
    const decrypt = decryptorOf(this.#reader, stored, encryption, password);
    if (typeof decrypt !== 'string') return decrypt;
    this.#misses++;
    return encrypted(name, decrypt, UNPACK, offset);
  }
}

const UNPACK = 'unpack it with its password, and scan the folder';
const WITHOUT = 'give its password by --archive-password-file, or unpack it and scan the folder';

const encrypted = (name: Uint8Array, why: string, hint: string, offset: number): Warning =>
  warnings.of('member-encrypted', {
    message: `the member ${displayName(name)} is encrypted: ${why}`,
    hint,
    offset,
  });

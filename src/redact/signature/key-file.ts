import fs from 'node:fs';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { tryTo } from '../../core/base/runtime/try-to.js';
import { escapeText } from '../../core/base/text/escape.js';

/** Octets of the longest key file: comments in front of a PEM block included. */
const LONGEST = 16 * 1024;

/** The content of a key file. */
export interface KeyFile {
  /** The caller wipes it. */
  content: Uint8Array;
  /** Its name for messages. */
  shown: string;
  /** To refuse writing over it. */
  dev: bigint;
  ino: bigint;
}

/**
 * Reads a file or a pipe into memory of its own. A name that leads to nothing is not quoted: it may be the
 * key itself, put in place of its file.
 */
export function readKeyFile(path: string, use: KeyUse): KeyFile {
  const content = Buffer.alloc(LONGEST + 1);
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY);
    const { dev, ino } = fs.fstatSync(fd, { bigint: true });
    let length = 0;
    for (let got = 1; got > 0 && length < content.length; length += got)
      got = fs.readSync(fd, content, length, content.length - length, null);
    const shown = escapeText(path);
    if (length > LONGEST) throw keyError(use, 'too-long', { shown });
    return { content: content.subarray(0, length), shown, dev, ino };
  } catch (error) {
    content.fill(0);
    if (error instanceof DumpsieveError) throw error;
    throw keyError(use, 'unreadable', { reason: reasonOf(error) });
  } finally {
    const opened = fd;
    if (opened !== undefined) tryTo(() => fs.closeSync(opened));
  }
}

const BEGIN = Buffer.from('-----BEGIN ');
const DASHES = Buffer.from('-----');

/** The labels of all PEM blocks (RFC 7468), in order. */
export function pemLabels(content: Uint8Array): string[] {
  const text = Buffer.from(content.buffer, content.byteOffset, content.length);
  const labels: string[] = [];
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at + BEGIN.length)) {
    const start = at + BEGIN.length;
    const end = text.indexOf(DASHES, start);
    labels.push(text.subarray(start, end < 0 ? start : end).toString('latin1'));
  }
  return labels;
}

/** What a key is for; errors name it so. */
type KeyUse = 'sign' | 'verify';

const FLAGS: Readonly<Record<KeyUse, string>> = { sign: '--sign', verify: '--key' };

const NEEDED: Readonly<Record<KeyUse, string>> = {
  sign: 'openssl genpkey -algorithm ed25519 -out KEY makes one; so does minisign -G -W',
  verify: 'openssl pkey -in KEY -pubout writes the public half, minisign -G writes it as minisign.pub',
};

/** Wrong keys: what is wrong, and how to mend it. `shown`: the name of the file, if there is one. */
const PROBLEMS = {
  unreadable: ({ use, reason }: Facts) => [
    `the key of ${FLAGS[use]} cannot be read (${reason})`,
    use === 'sign'
      ? 'name a file that you may read; the key itself never belongs on a command line'
      : "name a file that you may read, or give the line of minisign's public key (RW…)",
  ],
  'too-long': ({ shown }: Facts) => [`${shown}: it is too long for a key`, 'name the file of one key'],
  unknown: ({ shown, use }: Facts) => [
    `${shown}: no key of a known kind is in it`,
    use === 'sign'
      ? `use an Ed25519 key, as PKCS#8 PEM or minisign's: ${NEEDED.sign}`
      : `use an Ed25519 public key, as PEM or minisign's: ${NEEDED.verify}`,
  ],
  several: ({ shown }: Facts) => [`${shown}: there is more than one key in it`, 'keep one key in a file'],
  'has-password': ({ shown }: Facts) => [
    `${shown}: the key is protected by a password`,
    'use a key without one that only this job can read (minisign -C -W, openssl pkey -in KEY -out NEW)',
  ],
  'other-kind': ({ shown, use, reason }: Facts) => [
    `${shown}: the key is of another kind (${reason})`,
    `signatures are Ed25519: ${NEEDED[use]}`,
  ],
  damaged: ({ shown }: Facts) => [`${shown}: the key is damaged`, 'take the file from its source once more'],
  'is-public': ({ shown }: Facts) => [
    `${shown}: it is a public half, which cannot sign`,
    'name the file of the private key',
  ],
  'is-private': ({ shown }: Facts) => [
    `${shown}: it is a private key, and verifying takes its public half alone`,
    `name that half: ${NEEDED.verify}`,
  ],
} satisfies Record<string, (facts: Facts) => [message: string, hint: string]>;

interface Facts {
  use: KeyUse;
  shown: string;
  reason: string;
}

export type KeyProblem = keyof typeof PROBLEMS;

/** A key that cannot be used; exit 3. Nothing of its content is quoted. */
export function keyError(
  use: KeyUse,
  problem: KeyProblem,
  { shown = 'the key', reason = '' }: Partial<Facts> = {},
): DumpsieveError {
  const [message = '', hint = ''] = PROBLEMS[problem]({ use, shown, reason });
  return new DumpsieveError({ code: `${use}-key-${problem}`, message, hint });
}

import { DumpsieveError } from '../../core/base/runtime/errors.js';

/** What a key is for; errors name it so. */
export type KeyUse = 'sign' | 'verify';

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

/** Writers of a secret in a name, and of one inside another, independent of the encodings in src/. */
type Write = (secret: Buffer) => string;

const each = (secret: Buffer, write: (byte: number) => string, between = ''): string =>
  [...secret].map(write).join(between);
const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
const grouped = (text: string, size: number, by: string): string =>
  (text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []).join(by);
const phased = (secret: Buffer, phase: number): Buffer =>
  Buffer.concat([Buffer.from('u:'.slice(0, phase)), secret, Buffer.from('!')]);

/** The encodings of a secret as bytes. */
export const SPELLINGS: Readonly<Record<string, Write>> = {
  'base64, no phase': (secret) => secret.toString('base64'),
  'base64url, phase 1': (secret) => phased(secret, 1).toString('base64url'),
  'base64, phase 2, in groups': (secret) => grouped(phased(secret, 2).toString('base64url'), 7, ' '),
  'hex, lower case': (secret) => secret.toString('hex'),
  'hex, reversed, upper case': (secret) => Buffer.from(secret).reverse().toString('hex').toUpperCase(),
  'hex with separators': (secret) => each(secret, hex, ':'),
  'percent escapes': (secret) => each(secret, (byte) => `%${hex(byte).toUpperCase()}`),
  'backslash escapes': (secret) => each(secret, (byte) => `\\x${hex(byte)}`),
  'escaped UTF-16': (secret) => each(secret, (byte) => `\\u00${hex(byte)}`),
  'octal escapes': (secret) => each(secret, (byte) => `\\${byte.toString(8).padStart(3, '0')}`),
  'base64 in folders': (secret) => grouped(secret.toString('base64'), 8, '/'),
  decimal: (secret) => BigInt(`0x${secret.toString('hex')}`).toString(),
  'list of bytes': (secret) => each(secret, String, ', '),
};

/** Further ones, of secrets that are text. */
export const TEXT_SPELLINGS: Readonly<Record<string, Write>> = {
  'split by dashes': (secret) => grouped(secret.toString(), 4, '-'),
  'split by folders': (secret) => grouped(secret.toString(), 5, '/'),
  'split by underscores': (secret) => grouped(secret.toString(), 3, '_'),
  'split by dots': (secret) => grouped(secret.toString(), 6, '.'),
  'UTF-16, raw NULs': (secret) => `${grouped(secret.toString(), 1, '\0')}\0`,
  'UTF-16, escaped NULs': (secret) => `\\x00${grouped(secret.toString(), 1, '\\x00')}`,
};

const again = (text: string, name: string): string => SPELLINGS[name]!(Buffer.from(text));

/** Two layers: each encoding inside base64, hex and percent escapes. */
export const LAYERED: Readonly<Record<string, Write>> = Object.fromEntries(
  Object.entries(SPELLINGS).flatMap(([inner, write]) =>
    ['base64, no phase', 'hex, lower case', 'percent escapes'].map((outer): [string, Write] => [
      `${inner} in ${outer}`,
      (secret) => again(write(secret), outer),
    ]),
  ),
);

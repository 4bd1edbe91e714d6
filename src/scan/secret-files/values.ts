import { Secret } from '../../core/base/crypto/secret.js';
import { assignments, isAttribute, LONGEST_VALUE } from './env.js';
import { attempt, derKeys, type FileEntry, PEM, pemKeys } from './keys.js';

/** Values of an `.env` and of a Kubernetes Secret: keys where they hold keys, else text. */

/** Shorter values are settings, not secrets. In bytes. */
const SHORTEST = 8;
/** A value with fewer distinct characters is a placeholder. */
const LEAST_DISTINCT = 4;

/** A word in upper, lower or title case, and a label of a host name. */
const WORD = '(?:[A-Z]?[a-z]+|[A-Z]+)';
const LABEL = '[a-z]+(?:-[a-z]+)*-?\\d{0,3}';

/**
 * Values of an `.env` that are settings: words, numbers, versions, paths, e-mail addresses, hosts, URLs
 * without a password.
 */
const SETTINGS: readonly RegExp[] = [
  new RegExp(`^${WORD}(?:[-_. ,]${WORD})*$`),
  /^v?\d+(?:[.:,-]\d+)*(?:[smhd]|ms|[kmg]i?b?)?$/i,
  /^\.{0,2}(?:\/[\w.-]{0,24})+$/,
  /^[\w.-]+@[\w-]+(?:\.[\w-]+)+$/,
  new RegExp(`^(?:[a-z]+:\\/\\/${LABEL}|${LABEL}(?=[.:]))(?:\\.${LABEL})*(?::\\d+)?(?:\\/[a-z._~/-]*)?$`),
];
/** Names of variables whose value is a secret, whatever it looks like. */
const SECRET_NAME = /pass|pwd|secret|token|key|cred|auth|salt|pin$|sign|private|seed|pepper/i;

export function isSetting(name: string, value: string): boolean {
  if (value.length > LONGEST_VALUE || SECRET_NAME.test(name)) return false;
  return SETTINGS.some((setting) => setting.test(value)) && !(/[A-Z]/.test(value) && /\d/.test(value));
}

/** `encoding`: that of the file. Text that is not UTF-8 may be in memory as written, or as UTF-8. */
export function envValues(text: string, most: number, encoding: 'utf8' | 'latin1' = 'utf8'): FileEntry[] {
  const encodings = encoding === 'utf8' ? (['utf8'] as const) : (['latin1', 'utf8'] as const);
  const rest = text.replace(PEM, '');
  const all = assignments(rest).filter((each) => rest === text || !isAttribute(each));
  const entries = all.slice(0, most).flatMap((readings) => {
    const values = readings.flatMap(({ name, value, how }) => {
      const label = how === '' ? name : `${name}, ${how}`;
      const setting = isSetting(name, value);
      return encodings.flatMap((each) => [
        ...valueEntries(Buffer.from(value, each), label, setting),
        ...passwordEntries(value, label),
      ]);
    });
    const [first] = readings;
    return values.length > 0 || first === undefined
      ? values
      : tooShort(first.name, first.value.trim().length);
  });
  return [...entries, ...tooMany(all.length, most)];
}

export function tooMany(count: number, most: number): FileEntry[] {
  return count > most ? [{ type: 'unread', label: `${count - most} values after the first ${most}` }] : [];
}

/** A secret by name that is too short to be searched for: it would match everywhere. */
export function tooShort(name: string, length: number): FileEntry[] {
  return length > 0 && SECRET_NAME.test(name)
    ? [{ type: 'unread', label: `${name} (too short, or too few distinct characters, to be searched for)` }]
    : [];
}

/** Removes final line ends, which are not part of the value that a program uses. */
function withoutLineEnds(value: Buffer): Buffer {
  let end = value.length;
  while (end > 0 && (value[end - 1] === 10 || value[end - 1] === 13)) end--;
  return value.subarray(0, end);
}

/** Entries of a value of a Secret: the keys in it, or else the value itself. */
export function valueEntries(given: Buffer, label: string, setting = false): FileEntry[] {
  if (given.length > LONGEST_VALUE)
    return [{ type: 'unread', label: `${label} (too long to be searched for)` }];
  const keys = keysInside(given).map((key) => ({
    ...key,
    label: key.label ? `${label}, ${key.label}` : label,
  }));
  if (keys.length > 0) return keys;
  const value = withoutLineEnds(given);
  if (value.length < SHORTEST || new Set(value).size < LEAST_DISTINCT) return [];
  return [{ type: 'value', label, value: new Secret(value), setting }];
}

/** Base64, without trailing blanks. */
const BASE64 = /^[A-Za-z0-9+/_\s-]{40,}={0,2}$/;

/** Keys in PEM or DER, also with a further layer of base64, which puts PEM on one line. */
function keysInside(value: Buffer): FileEntry[] {
  const text = value.toString('latin1');
  const inside = BASE64.test(text.trimEnd()) ? Buffer.from(text, 'base64') : undefined;
  return [value, ...(inside ? [inside] : [])].flatMap((bytes) => {
    const keys = derKeys(bytes);
    return keys.length > 0 ? keys : pemKeys(bytes.toString('latin1'));
  });
}

/** The password in a URL is a secret of its own: programs extract it. */
function passwordEntries(value: string, name: string): FileEntry[] {
  const password = attempt(() => decodeURIComponent(new URL(value).password)) ?? '';
  return password === '' ? [] : valueEntries(Buffer.from(password, 'utf8'), `${name}, password in the URL`);
}

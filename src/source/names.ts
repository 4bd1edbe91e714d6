import { decodeText, displayName, escapeText } from '../base/text/escape.js';

/**
 * A file name on its way through the glob machinery, which knows strings only. On POSIX a name is bytes: each stands
 * as one character, so that a name that is not UTF-8 comes back as it went in. Elsewhere a name is text already.
 */
export type WalkName = string;

interface NameCodec {
  fromText(text: string): WalkName;
  fromEntry(name: Uint8Array | string): WalkName;
  /** A glob pattern of the command line, in the same alphabet as the names. */
  fromPattern(pattern: string | Uint8Array): string;
  /** Undefined where the bytes are no UTF-8. */
  toText(name: WalkName): string | undefined;
  /** What the file system calls take. */
  toSystem(name: WalkName): Buffer | string;
  show(name: WalkName): string;
}

/**
 * micromatch's `.` matches no line feed or carriage return, and takes a backslash for an escape: a file with one of
 * them in its name would be left out in silence. They are lifted by 0x100, where the low byte still says what they are.
 */
const lift = (text: string): string =>
  text.replace(/[\n\r\\]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0x100));

const posix: NameCodec = {
  fromText: (text) => lift(Buffer.from(text, 'utf8').toString('latin1')),
  fromEntry: (name) =>
    lift(
      (typeof name === 'string'
        ? Buffer.from(name)
        : Buffer.from(name.buffer, name.byteOffset, name.length)
      ).toString('latin1'),
    ),
  fromPattern: (pattern) =>
    Buffer.from(pattern)
      .toString('latin1')
      .replace(/\\\\|[\n\r]/g, (found) => lift(found[0] ?? '')),
  toText: (name) => decodeText(Buffer.from(name, 'latin1')),
  // Node's latin1 takes the low byte of each code unit, which undoes the lift.
  toSystem: (name) => Buffer.from(name, 'latin1'),
  show: (name) => displayName(Buffer.from(name, 'latin1')),
};

const windows: NameCodec = {
  fromText: (text) => text,
  fromEntry: (name) => String(name),
  // A backslash separates folders there, so a pattern has no escapes.
  fromPattern: (pattern) => Buffer.from(pattern).toString('utf8').replaceAll('\\', '/'),
  toText: (name) => name,
  toSystem: (name) => name,
  show: escapeText,
};

export const names: NameCodec = process.platform === 'win32' ? windows : posix;

/** `folder` and a path below it, as it is shown and opened; nothing is normalised, since `..` may follow a link. */
export function joinNames(folder: WalkName, below: WalkName): WalkName {
  if (below === '') return folder;
  return folder === '' || folder.endsWith('/') ? folder + below : `${folder}/${below}`;
}

/** The last part of a file's shown path. */
export function baseName(shown: string): string {
  const separators = process.platform === 'win32' ? /^.*[/\\]/s : /^.*\//s;
  return shown.replace(separators, '');
}

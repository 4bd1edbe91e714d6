import { decodeText, displayName, escapeText } from '../core/base/text/escape.js';

/**
 * A file name as a string for the glob library. On POSIX names are bytes, and each byte is one character
 * here, so that names that are not UTF-8 are preserved. On Windows a name is text already.
 */
export type WalkName = string;

interface NameCodec {
  fromText(text: string): WalkName;
  fromEntry(name: Uint8Array | string): WalkName;
  /** A glob pattern of the command line, in the encoding of the names. */
  fromPattern(pattern: string | Uint8Array): string;
  /** Undefined if the bytes are not UTF-8. */
  toText(name: WalkName): string | undefined;
  /** For calls of node:fs. */
  toSystem(name: WalkName): Buffer | string;
  show(name: WalkName): string;
}

/**
 * In micromatch `.` does not match a line feed or carriage return, and a backslash is an escape: files with
 * one of them in their name would be omitted silently. 0x100 is added to these characters, which preserves
 * the low byte.
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
  // Node's latin1 encodes the low byte of each code unit, which undoes the lift.
  toSystem: (name) => Buffer.from(name, 'latin1'),
  show: (name) => displayName(Buffer.from(name, 'latin1')),
};

const windows: NameCodec = {
  fromText: (text) => text,
  fromEntry: (name) => String(name),
  // A backslash separates folders on Windows, so a pattern has no escapes.
  fromPattern: (pattern) => Buffer.from(pattern).toString('utf8').replaceAll('\\', '/'),
  toText: (name) => name,
  toSystem: (name) => name,
  show: escapeText,
};

export const names: NameCodec = process.platform === 'win32' ? windows : posix;

/** The name of a path that a caller gave: text, or bytes if it is not UTF-8. */
export const nameOf = (path: string | Uint8Array): WalkName =>
  typeof path === 'string' ? names.fromText(path) : names.fromEntry(path);

/** Joins a folder and a path below it. Nothing is normalised, since `..` may follow a link. */
export function joinNames(folder: WalkName, below: WalkName): WalkName {
  if (below === '') return folder;
  return folder === '' || folder.endsWith('/') ? folder + below : `${folder}/${below}`;
}

/** The last component of a file's shown path. */
export function baseName(shown: string): string {
  const separators = process.platform === 'win32' ? /^.*[/\\]/s : /^.*\//s;
  return shown.replace(separators, '');
}

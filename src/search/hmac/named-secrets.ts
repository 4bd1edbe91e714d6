import { TEXT } from './text-headers.js';

/** Common part of such names: `JWT_SECRET`, `secretOrKey`, `"secret"`, `SECRET_KEY`. */
const MARKS = [Buffer.from('ecret'), Buffer.from('ECRET')];
/** The rest of the name after the mark, then quotes and blanks around the sign between name and value. */
const NAME_END = /^[A-Za-z0-9_.-]{0,40}(?:\\?["'`\]])*[ \t]*(?:=>|[:=])[ \t]*/;
const MAX_NAME_END = 64;
const QUOTED = /^\\?(["'`])(.{1,256}?)\\?\1/;
/** Unquoted values: to the end of the line, or of the word. */
const LINE = /^[^\0-\x08\x0a-\x1f\x7f]{1,256}/;
const WORD = /^[^\0-\x20\x7f"'`,;(){}[\]<>&|\\]{1,256}/;

/** Value of a variable whose name contains "secret": any text, found only by that name. */
export interface NamedSecret {
  at: number;
  length: number;
}

/** Index after each mark that begins in bytes[from, to). */
export function* secretNames(bytes: Buffer, from: number, to: number): Generator<number> {
  for (const mark of MARKS)
    for (let at = bytes.indexOf(mark, from); at >= 0 && at < to; at = bytes.indexOf(mark, at + mark.length))
      yield at + mark.length;
}

/** Values after these marks, in configurations, environments, JSON, YAML and source code. */
export function* namedSecrets(bytes: Buffer, names: Iterable<number>): Generator<NamedSecret> {
  for (const end of names) {
    const text = bytes.toString('latin1', end, end + MAX_NAME_END + TEXT.most);
    const name = NAME_END.exec(text)?.[0].length;
    if (name === undefined) continue;
    const value = text.slice(name);
    const start = end + name;
    const quoted = QUOTED.exec(value);
    if (quoted) yield { at: start + quoted[0].indexOf(quoted[2]!), length: quoted[2]!.length };
    const line = LINE.exec(value)?.[0].trimEnd().length ?? 0;
    const word = WORD.exec(value)?.[0].length ?? 0;
    if (word > 0) yield { at: start, length: word };
    if (line > word) yield { at: start, length: line };
  }
}

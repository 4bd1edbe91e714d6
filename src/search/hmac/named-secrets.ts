import { TEXT } from './text-headers.js';

/** What the names of such values have in common: `JWT_SECRET`, `secretOrKey`, `"secret"`, `SECRET_KEY`. */
const MARKS = [Buffer.from('ecret'), Buffer.from('ECRET')];
/** Characters behind the mark that belong to the name, quotes and blanks around the sign between name and value. */
const NAME_END = /^[A-Za-z0-9_.-]{0,40}(?:\\?["'`\]])*[ \t]*(?:=>|[:=])[ \t]*/;
const MAX_NAME_END = 64;
const QUOTED = /^\\?(["'`])(.{1,256}?)\\?\1/;
/** Without quotes: to the end of the line, and to the end of the word. */
const LINE = /^[^\0-\x08\x0a-\x1f\x7f]{1,256}/;
const WORD = /^[^\0-\x20\x7f"'`,;(){}[\]<>&|\\]{1,256}/;

/** The value of something that is called a secret: any text at all, of which nothing else tells where it begins. */
export interface NamedSecret {
  at: number;
  length: number;
}

/** Where such a name may end, behind each mark that begins in bytes[from, to). */
export function* secretNames(bytes: Buffer, from: number, to: number): Generator<number> {
  for (const mark of MARKS)
    for (let at = bytes.indexOf(mark, from); at >= 0 && at < to; at = bytes.indexOf(mark, at + mark.length))
      yield at + mark.length;
}

/** Values of these names: in configurations, environments, JSON, YAML and source. */
export function* namedSecrets(bytes: Buffer, names: Iterable<number>): Generator<NamedSecret> {
  for (const behind of names) {
    const text = bytes.toString('latin1', behind, behind + MAX_NAME_END + TEXT.most);
    const name = NAME_END.exec(text)?.[0].length;
    if (name === undefined) continue;
    const value = text.slice(name);
    const start = behind + name;
    const quoted = QUOTED.exec(value);
    if (quoted) yield { at: start + quoted[0].indexOf(quoted[2]!), length: quoted[2]!.length };
    const line = LINE.exec(value)?.[0].trimEnd().length ?? 0;
    const word = WORD.exec(value)?.[0].length ?? 0;
    if (word > 0) yield { at: start, length: word };
    if (line > word) yield { at: start, length: line };
  }
}

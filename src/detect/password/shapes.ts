import type { PasswordShape } from '../../rules/vocabulary.js';
import type { PasswordPlace } from './levels.js';

/** A place of a name beside its password. Each side is read from a slice of bounded length. */
export interface ShapePattern {
  shape: PasswordShape;
  /** Pattern of the text before the name. */
  before?: RegExp;
  name?: RegExp;
  /** Of the text after the name; its last group that took part is the password. */
  after: RegExp;
  place: PasswordPlace;
  /** Not in UTF-16: there a NUL may be any other character. */
  narrow?: boolean;
  /** Words count, too. Without it a password must have a digit or three classes of characters. */
  words: boolean;
}

/** Longest name before and after the anchor, and text before the name and after it, in characters. */
export const SPAN = { nameBefore: 40, nameAfter: 28, before: 96, after: 224 };

const P = '\\x20-\\x7e';
/** Between quotes, also escaped ones. */
const STRING = [
  '"([\\x20!#-~]{4,128})"',
  "'([\\x20-&(-~]{4,128})'",
  '\\\\"([\\x20!#-[\\]-~]{4,128})\\\\"',
].join('|');
export const QUOTED = `${STRING}|\`([\\x20-_a-~]{4,128})\``;
const WORD = '[\\x21-\\x7e]';
const BARE = `[!#-&(-+\\--9;<>-~]${WORD}{3,127}`;
const LINE_START = '(?:^|[\\0\\n\\r])[ \\t]{0,32}(?:- )?$';
const LINE_END = '[ \\t]{0,4}(?=[\\0\\n\\r]|$)';

/** Keywords of a connection beside its password. */
const LIBPQ = '(?:host|hostaddr|user|dbname|port|sslmode)';

const after = (...alternatives: string[]): RegExp => new RegExp(`^(?:${alternatives.join('|')})`, 'd');

/** `IDENTIFIED BY '…'` of an SQL statement: of the text after it. */
export const IDENTIFIED = after(`(?:PASSWORD |password )?(?:${STRING})`);

/** The first shape that matches is the shape of a name. */
export const shapes: readonly ShapePattern[] = [
  {
    // Between NULs: the list of variables of a process.
    shape: 'environment',
    before: /(?:^|\0)$/,
    name: /^[A-Z][A-Z0-9_]*$/,
    after: after(`=([${P}]{4,128})(?=\\0|$)`),
    place: 'certain',
    words: true,
  },
  {
    // Lines of .env, of a shell or of a Dockerfile.
    shape: 'environment',
    before: /(?:^|[\0\n\r])[ \t]{0,8}(?:export |set |declare -x |ENV |-e |- )?$/,
    name: /^[A-Z][A-Z0-9_]*$/,
    after: after(`=(?:(?:${QUOTED})${LINE_END}|(${BARE})${LINE_END})`),
    place: 'bare',
    words: true,
  },
  {
    shape: 'netrc',
    before: /\b(?:machine\s{1,8}[\x21-\x7e]{1,64}|default)\s{1,8}login\s{1,8}[\x21-\x7e]{1,64}\s{1,8}$/,
    name: /^password$/,
    after: after(`[ \\t\\n]{1,8}(${WORD}{3,128})(?=\\s|\\0|$)`),
    place: 'bare',
    words: true,
  },
  {
    // {"name": "DB_PASSWORD", "value": "…"}, and two lines of YAML
    shape: 'pair',
    before: /(?:name|key|variable|field|parameter|id)\\{0,2}["']?\s{0,4}[:=]\s{0,4}\\{0,2}["']?$/i,
    after: after(
      [
        `\\\\{0,2}["']?\\s{0,4}[,;]?\\s{0,48}\\\\{0,2}["']?[Vv]al(?:ue)?\\\\{0,2}["']?`,
        `\\s{0,4}[:=]\\s{0,4}(?:${QUOTED}|(${BARE})${LINE_END})`,
      ].join(''),
    ),
    place: 'bare',
    words: true,
  },
  {
    // <add key="DbPassword" value="…"/>, put("password", "…")
    shape: 'pair',
    before: /["']$/,
    after: after(`["'](?: {1,4}value ?= ?|, ?)(?:${QUOTED})`),
    place: 'quoted',
    words: false,
  },
  {
    shape: 'quoted',
    after: after(`(?:\\\\?["'\`])?\\]?[ \\t]{0,8}(?::=|=>|={1,3}|:)[ \\t]{0,8}[bru]?(?:${QUOTED})`),
    place: 'quoted',
    words: true,
  },
  {
    shape: 'call',
    after: after(`\\( {0,4}(?:${QUOTED}) {0,4}[,)]`),
    place: 'quoted',
    words: false,
  },
  {
    shape: 'element',
    before: /<(?:[A-Za-z][\w:.-]{0,31} [^<>\0-\x1f]{0,48}["'])?$/,
    after: after(`[^<>\\0-\\x1f\\x7f]{0,40}>([^<>\\0-\\x1f\\x7f-\\xff]{4,128})</`),
    place: 'quoted',
    words: true,
  },
  {
    // <key>Password</key><string>…</string>
    shape: 'element',
    before: />\s{0,4}$/,
    after: after(
      `\\s{0,4}</[A-Za-z][\\w:.-]{0,31}>\\s{0,48}<(?:value|val|string|text|content)>([^<>\\0-\\x1f\\x7f-\\xff]{4,128})</`,
    ),
    place: 'quoted',
    words: true,
  },
  {
    // Connection strings of libpq: host=… password=…
    shape: 'connection',
    before: new RegExp(`\\b${LIBPQ}=[^\\s"'=]{1,64} $`),
    name: /^password$/,
    after: after(`=([^\\s"'\\\\\\0-\\x1f\\x7f-\\xff]{4,128})`),
    place: 'quoted',
    words: true,
  },
  {
    shape: 'connection',
    name: /^password$/,
    after: after(`=([^\\s"'\\\\\\0-\\x1f\\x7f-\\xff]{4,128})(?= ${LIBPQ}=)`),
    place: 'quoted',
    words: true,
  },
  {
    shape: 'connection',
    before: /; ?$/,
    name: /^[^.]*$/,
    after: after(` ?= ?([^;"'\\0-\\x1f\\x7f-\\xff]{4,128})(?=[;"'\\0\\n\\r]|$)`),
    place: 'quoted',
    words: true,
  },
  {
    shape: 'connection',
    before: /(?:^|["'\0\s=])$/,
    name: /^(?:password|passwd|pass|pwd)$/i,
    after: after(` ?= ?([^;"'\\0-\\x1f\\x7f-\\xff]{4,128})(?=; ?[A-Za-z][A-Za-z ]{1,30}=)`),
    place: 'quoted',
    words: true,
  },
  {
    shape: 'query',
    before: /(?:[?&]|&amp;)$/,
    after: after(`=([^&#"'<>\\s\\0-\\x1f\\x7f-\\xff]{4,128})`),
    place: 'bare',
    words: true,
  },
  {
    shape: 'query',
    after: after(`=([^&#"'<>\\s\\0-\\x1f\\x7f-\\xff]{4,128})(?=&[A-Za-z][\\w.-]{0,31}=)`),
    place: 'bare',
    words: true,
  },
  {
    shape: 'option',
    before: /-$/,
    after: after(`=(?:${QUOTED}|(${BARE})(?=[\\s\\0]|$))`),
    place: 'bare',
    words: true,
  },
  {
    shape: 'option',
    before: /-$/,
    after: after(` (?:${QUOTED}|(${BARE})(?=[\\s\\0]|$))`),
    place: 'bare',
    words: false,
  },
  {
    // Two arguments of a process.
    shape: 'option',
    before: /-$/,
    after: after(`\\0(${BARE})(?=\\0|$)`),
    place: 'bare',
    words: false,
    narrow: true,
  },
  {
    // {user=app, password=…}
    shape: 'print',
    before: /(?:\{|, )$/,
    name: /^\w+$/,
    after: after(`=([^,{}()[\\]"'\\s\\0-\\x1f\\x7f-\\xff]{4,128})(?=[,})\\]])`),
    place: 'bare',
    words: false,
  },
  {
    shape: 'line',
    before: new RegExp(LINE_START),
    after: after(`(?:=(?![=>])|:[ \\t]{1,8})(${BARE})${LINE_END}`),
    place: 'bare',
    words: true,
  },
  {
    // A line with blanks is like an assignment of code.
    shape: 'line',
    before: new RegExp(LINE_START),
    after: after(
      `[ \\t]{0,8}(?:=(?![=>])[ \\t]{0,8}|:[ \\t]{1,8})(${BARE})${LINE_END}`,
      `:([0-9A-Za-z][!-9;-~]{3,127})${LINE_END}`,
    ),
    place: 'bare',
    words: false,
  },
  {
    // requirepass …
    shape: 'directive',
    before: new RegExp(LINE_START),
    after: after(`[ \\t]{1,8}(${BARE})[ \\t]{0,4}(?=[\\n\\r]|$)`),
    place: 'bare',
    words: false,
  },
  {
    // the password is '…'
    shape: 'prose',
    before: /[ \n]$/,
    name: /^password$/i,
    after: after(` (?:is|was)(?: set to)?:? (?:${QUOTED})`),
    place: 'quoted',
    words: false,
  },
  {
    shape: 'sql',
    name: /^password$/i,
    after: after(` {1,4}'([\\x20-&(-~]{4,128})'`),
    place: 'quoted',
    words: false,
  },
];

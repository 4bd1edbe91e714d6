import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';
import { DumpsieveError } from '../../core/base/runtime/errors.js';

/** Lists of the JSON report, whose entries are taken one by one. */
const LISTS = { artifacts: 'artifact', findings: 'finding', find: 'find' } as const;
type List = keyof typeof LISTS;

/** Brackets inside each other: more than any event has. */
const DEEPEST = 64;
/**
 * Bytes of one entry: a finding may list 200,000 places. Everything between two entries is held in memory, so
 * that this bounds what a hostile file costs.
 */
const MOST_ENTRY = 64 * 2 ** 20;

/** What a saved report consists of, in the order of the file. Values are not checked. */
export interface EntrySink {
  /** An event: a line of ndjson, or an entry of a list with its type. */
  event(value: object): void;
  /** Members of the JSON report that are no lists. `isWhole`: the document has ended. */
  members(values: ReadonlyMap<string, unknown>, isWhole: boolean): void;
}

/**
 * Reads a report, JSON or ndjson, entry by entry. The first document decides which it is: one with a `type`
 * is the first line of ndjson.
 */
export class Entries {
  readonly #file: string;
  readonly #sink: EntrySink;
  readonly #tokenizer = new Tokenizer({ separator: '\n' });
  readonly #parser = new TokenParser({
    paths: ['$', '$.*', ...Object.keys(LISTS).map((list) => `$.${list}.*`)],
    keepStack: false,
    separator: '\n',
  });
  #depth = 0;
  #read = 0;
  /** Bytes read when the last entry ended. */
  #entry = 0;
  #members = new Map<string, unknown>();
  #kind: 'json' | 'ndjson' | undefined;

  constructor(file: string, sink: EntrySink) {
    this.#file = file;
    this.#sink = sink;
    this.#tokenizer.onToken = (token) => {
      this.#count(token.token);
      this.#parser.write(token);
    };
    this.#parser.onValue = ({ value, key, parent, stack }) => {
      this.#value(stack.length, stack[1]?.key ?? key, value);
      // The parser keeps what may be asked for again: an entry is not.
      if (stack.length === 2 && Array.isArray(parent)) parent.length = 0;
    };
  }

  /** True once the first document is known to be a line of ndjson. */
  get isLines(): boolean {
    return this.#kind === 'ndjson';
  }

  /** Throws `report-invalid` (exit 3) for what is no JSON. */
  write(bytes: Uint8Array): void {
    this.#read += bytes.length;
    try {
      this.#tokenizer.write(bytes);
    } catch (error) {
      if (error instanceof Error && error.name === 'DumpsieveError') throw error;
      throw notValid(this.#file, 'it is not JSON');
    }
    if (this.#read - this.#entry > MOST_ENTRY) throw notValid(this.#file, 'one entry of it is too large');
  }

  /** Members of a document that is cut. */
  end(): void {
    if (this.#kind === undefined && this.#depth > 0 && !this.#members.has('type'))
      this.#sink.members(this.#members, false);
  }

  #count(token: TokenType): void {
    if (this.#kind === 'json' && token !== TokenType.SEPARATOR)
      throw notValid(this.#file, 'more follows its end');
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth++;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth--;
    if (this.#depth > DEEPEST) throw notValid(this.#file, 'it is nested too deeply');
  }

  /** `level`: 0 for a document, 1 for a member of it, 2 for an entry of a list. */
  #value(level: number, name: unknown, value: unknown): void {
    if (level === 2) this.#listed(name as List, value);
    else if (level === 1) this.#members.set(String(name), value);
    else this.#document(value);
    if (level !== 1 || this.#kind === undefined) this.#entry = this.#read;
  }

  #listed(list: List, value: unknown): void {
    if (typeof value !== 'object' || value === null)
      throw notValid(this.#file, `an entry of ${list} is no object`);
    this.#sink.event({ ...value, type: LISTS[list] });
  }

  #document(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw notValid(this.#file, 'it is no report');
    const members = this.#members;
    this.#members = new Map();
    const type = this.#kind === undefined && !members.has('type') ? 'json' : 'ndjson';
    this.#kind = type;
    if (type === 'json') this.#sink.members(members, true);
    else this.#sink.event(Object.fromEntries(members));
  }
}

/** Errors of saved reports. They never quote the file: it may hold anything. */

const REPORT_HINT = 'a report is what dumpsieve scan --output json=FILE or ndjson=FILE writes';

/** What is no report, or no valid one (exit 3). */
export const notValid = (file: string, what: string, hint = REPORT_HINT): DumpsieveError =>
  new DumpsieveError({ code: 'report-invalid', message: `${file}: ${what}`, hint });

/** A report in a later layout (exit 3). */
export const tooNew = (file: string, version: string): DumpsieveError =>
  new DumpsieveError({
    code: 'report-newer',
    message: `${file} is of a later version of dumpsieve (schemaVersion ${version}; this one reads 1)`,
    hint: 'update dumpsieve, or scan the dump again',
  });

/** A report that ends before its first facts (exit 2). */
export const cutEarly = (file: string): DumpsieveError =>
  new DumpsieveError(
    {
      code: 'report-cut',
      message: `${file} is cut: it ends before it says what was scanned`,
      hint: 'copy it again, or scan the dump again',
    },
    2,
  );

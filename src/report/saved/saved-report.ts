import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CONFIDENCES, type ScanEvent, SEVERITIES } from '../../core/model/report.js';
import { eventShape } from '../schema.js';
import { cutEarly, Entries, notValid, tooNew } from './entries.js';

export type EventOf<Type extends ScanEvent['type']> = Extract<ScanEvent, { type: Type }>;

/** What is known of a finding without unpacking it. */
export interface SavedRow {
  fingerprint: string | null;
  counts: boolean;
  /** Order of findings in a report: those that count first, then by severity, then by confidence. */
  rank: number;
}

/** A report that was read: events as they were, of any size in the memory of their text. */
export interface SavedReport {
  /** The file, as shown. */
  file: string;
  run: EventOf<'run'>;
  artifacts: DeflatedList<EventOf<'artifact'>>;
  /** Paths of the artifacts. */
  paths: readonly string[];
  findings: DeflatedList<EventOf<'finding'>>;
  /** One for each finding. */
  rows: readonly SavedRow[];
  answers: DeflatedList<EventOf<'find'>>;
  /** Undefined if the scan was stopped, or the file is cut. */
  summary: EventOf<'summary'> | undefined;
  /** The file ends in the middle of a report. */
  cut: boolean;
  /** Fields that a later version wrote and that were left out. */
  unknown: readonly string[];
}

/** Members of the JSON report that are its run. */
const RUN_MEMBERS = ['schemaVersion', 'tool', 'startedAt', 'options'];

/** Bytes of all entries, which are held in memory. */
const MOST_BYTES = 2 ** 30;

/** Takes the bytes of a saved report, in order. */
export class ReportReader {
  readonly #file: string;
  readonly #check: EventCheck;
  readonly #entries: Entries;
  readonly #artifacts = new DeflatedList<EventOf<'artifact'>>();
  readonly #findings = new DeflatedList<EventOf<'finding'>>();
  readonly #answers = new DeflatedList<EventOf<'find'>>();
  readonly #rows: SavedRow[] = [];
  readonly #paths: string[] = [];
  #run: EventOf<'run'> | undefined;
  #summary: EventOf<'summary'> | undefined;
  #cut = true;
  #begun = false;
  /** Artifacts that findings and answers name. */
  #named = 0;

  constructor(file: string) {
    this.#file = file;
    this.#check = new EventCheck(file);
    this.#entries = new Entries(file, {
      event: (value) => this.#event(this.#check.checked(value)),
      members: (values, isWhole) => this.#members(values, isWhole),
    });
  }

  /** Throws `report-invalid` or `report-newer` (exit 3). */
  write(bytes: Buffer): void {
    if (!this.#begun && bytes.length > 0) this.#begin(bytes);
    this.#entries.write(bytes);
    if (this.#artifacts.bytes + this.#findings.bytes + this.#answers.bytes > MOST_BYTES)
      throw notValid(this.#file, 'it is larger than 1 GiB', 'use the findings of ndjson line by line');
  }

  /** Throws `report-cut` (exit 2) if not even the run is known. */
  end(): SavedReport {
    this.#entries.end();
    if (this.#run === undefined) throw cutEarly(this.#file);
    if (this.#named > this.#artifacts.length && !this.#cut)
      throw notValid(this.#file, 'it names an artifact that it does not have');
    return {
      file: this.#file,
      run: this.#run,
      artifacts: this.#artifacts,
      paths: this.#paths,
      findings: this.#findings,
      rows: this.#rows,
      answers: this.#answers,
      summary: this.#summary,
      cut: this.#cut,
      unknown: this.#check.unknown,
    };
  }

  #begin(bytes: Buffer): void {
    this.#begun = true;
    const mark = bytes.subarray(0, 2).toString('hex');
    if (mark === 'fffe' || mark === 'feff')
      throw notValid(this.#file, 'it is UTF-16, as PowerShell redirects output', 'use --output json=FILE');
  }

  #event(event: ScanEvent): void {
    const take = this.#takers[event.type] as (event: ScanEvent) => void;
    if ((this.#run === undefined) !== (event.type === 'run') && !this.#isDocument) {
      const what = event.type === 'run' ? 'it holds two reports' : 'it does not begin with its run';
      throw notValid(this.#file, what, 'name each report as a file of its own');
    }
    if (this.#summary !== undefined) throw notValid(this.#file, 'more follows its summary');
    take(event);
  }

  /** Until its end, events of a JSON document come before their run, which is among its members. */
  get #isDocument(): boolean {
    return !this.#entries.isLines;
  }

  readonly #takers: { [Type in ScanEvent['type']]: (event: EventOf<Type>) => void } = {
    run: (event) => {
      this.#run = event;
    },
    artifact: (event) => {
      this.#artifacts.add(event);
      this.#paths.push(event.path);
    },
    finding: (event) => {
      this.#names(event.occurrences);
      this.#rows.push(rowOf(event));
      this.#findings.add(event);
    },
    find: (event) => {
      for (const { occurrences = [] } of event.results) this.#names(occurrences);
      this.#names(event.results);
      this.#answers.add(event);
    },
    summary: (event) => {
      this.#summary = event;
      this.#cut = false;
    },
  };

  #names(places: readonly { artifact: number }[]): void {
    for (const { artifact } of places) this.#named = Math.max(this.#named, artifact + 1);
  }

  #members(values: ReadonlyMap<string, unknown>, isWhole: boolean): void {
    const { artifacts, findings, find, verdict, complete, summary, ...run } = Object.fromEntries(values);
    if (!isWhole && !RUN_MEMBERS.every((name) => values.has(name))) throw cutEarly(this.#file);
    if (!values.has('tool')) throw notValid(this.#file, 'it is no report of dumpsieve in JSON');
    this.#event(this.#check.checked({ ...run, type: 'run' }));
    if (!isWhole) return;
    if (typeof summary !== 'object' || summary === null) throw notValid(this.#file, 'its summary is missing');
    this.#cut = false;
    // A scan that was stopped has no exit status.
    if ('exit' in summary)
      this.#event(this.#check.checked({ ...summary, verdict, complete, type: 'summary' }));
  }
}

function rowOf({ fingerprint, counts, severity, confidence }: EventOf<'finding'>): SavedRow {
  const rank = Number(counts) * 100 + SEVERITIES.indexOf(severity) * 10 + CONFIDENCES.indexOf(confidence);
  return { fingerprint, counts, rank };
}

/** Bytes of one block before it is deflated: a few milliseconds of work. */
const BLOCK = 2 ** 20;
/** zlib's fastest level: findings resemble each other, so that an eighth is left. */
const LEVEL = 1;

/**
 * Values kept as deflated JSON: a finding takes 0.2 KB in place of 1.2 KB as text and 6 KB as an object. To
 * be read in order: each block is inflated once. Valid for values that `JSON.parse` has made.
 */
class DeflatedList<Value> {
  readonly #blocks: Uint8Array[] = [];
  /** Three numbers a value: block, start and length. */
  readonly #places: number[] = [];
  #open: Buffer[] = [];
  #openLength = 0;
  /** The block that was read last. */
  #inflated: { block: number; bytes: Buffer } | undefined;
  /** Bytes of all values as JSON. */
  bytes = 0;

  get length(): number {
    return this.#places.length / 3;
  }

  add(value: Value): void {
    const text = Buffer.from(JSON.stringify(value));
    this.#places.push(this.#blocks.length, this.#openLength, text.length);
    this.#open.push(text);
    this.#openLength += text.length;
    this.bytes += text.length;
    if (this.#openLength >= BLOCK) this.#close();
  }

  at(index: number): Value {
    const [block, start, length] = this.#places.slice(index * 3, index * 3 + 3) as [number, number, number];
    if (block === this.#blocks.length) this.#close();
    if (this.#inflated?.block !== block)
      this.#inflated = { block, bytes: inflateRawSync(this.#blocks[block]!) };
    return JSON.parse(this.#inflated.bytes.toString('utf8', start, start + length)) as Value;
  }

  *[Symbol.iterator](): Generator<Value> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #close(): void {
    this.#blocks.push(deflateRawSync(Buffer.concat(this.#open), { level: LEVEL }));
    this.#open = [];
    this.#openLength = 0;
  }
}

/** What this version writes, and values of enumerations that later ones add. */
const SHAPE = eventShape('open');

/** Field names that a message repeats: too short and plain to be a secret. */
const PLAIN = /^[A-Za-z]{1,24}$/;

/**
 * Checks events of a saved report by its schema. Fields that this version does not know are left out and
 * counted: a later version may have added them. Throws `report-invalid` for anything else, `report-newer` for
 * another layout.
 */
class EventCheck {
  readonly #file: string;
  readonly #unknown = new Set<string>();

  constructor(file: string) {
    this.#file = file;
  }

  /** Names of fields that were left out. */
  get unknown(): string[] {
    return [...this.#unknown].sort();
  }

  /** The event as it was written, without unknown fields. */
  checked(value: object): ScanEvent {
    const { schemaVersion } = value as { schemaVersion?: unknown };
    if (typeof schemaVersion === 'number' && schemaVersion > 1)
      throw tooNew(this.#file, String(schemaVersion));
    for (;;) {
      const result = SHAPE.safeParse(value);
      // Not the parsed value: its fields are in the order of the schema.
      if (result.success) return value as ScanEvent;
      const { issues } = result.error;
      const foreign = issues.flatMap((each) => (each.code === 'unrecognized_keys' ? [each] : []));
      if (foreign.length < issues.length)
        throw this.#invalid(value, issues.find((each) => each.code !== 'unrecognized_keys')!.path);
      for (const { path, keys } of foreign) this.#leaveOut(value, path, keys);
    }
  }

  #leaveOut(value: object, path: readonly PropertyKey[], keys: readonly string[]): void {
    const holder = path.reduce<unknown>(
      (inner, name) => (inner as Record<PropertyKey, unknown>)[name],
      value,
    );
    for (const key of keys) {
      delete (holder as Record<string, unknown>)[key];
      this.#unknown.add(PLAIN.test(key) ? key : 'others');
    }
  }

  #invalid(value: object, path: readonly PropertyKey[]): Error {
    const { type } = value as { type?: unknown };
    const event = typeof type === 'string' && PLAIN.test(type) ? type : 'entry';
    const names = path.map((name) =>
      typeof name === 'number' ? `[${name}]` : PLAIN.test(String(name)) ? `.${String(name)}` : '.?',
    );
    const field = names.join('').replace(/^\./, '');
    return notValid(
      this.#file,
      field === '' || field === 'type'
        ? 'an entry is no event of a report'
        : `${event}: ${field} is missing or not valid`,
    );
  }
}

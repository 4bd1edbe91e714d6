import { DumpsieveError, type Notice } from '../base/runtime/errors.js';
import type { Finding } from '../model/report.js';

/** What a team has accepted. Only `fingerprint` is needed; no entry holds a path, an offset or a secret. */
export interface BaselineEntry {
  fingerprint: string;
  /** For whoever reviews the file; not compared. */
  ruleId?: string;
  reason?: string;
  owner?: string;
  /** ISO 8601 date or time from which on the entry no longer holds. */
  expires?: string;
}

const FINGERPRINT = /^v1:[0-9a-f]{64}$/;
const TEXTS = ['ruleId', 'reason', 'owner', 'expires'] as const;

function invalid(source: string, what: string): DumpsieveError {
  return new DumpsieveError({
    code: 'baseline-invalid',
    message: `${source}: ${what}`,
    hint: 'write a new one with --write-baseline; an entry is {"fingerprint": "v1:…"} with reason, owner and expires optional',
  });
}

/** ISO 8601. Date.parse takes other text too, and passes over what stands in brackets: a message that says the date would show it. */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Date.parse takes 30 February for 2 March, and a baseline would hold two days longer than whoever wrote it meant. */
function isDate(text: string): boolean {
  const [, day] = DATE.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function entryOf(value: unknown, where: string, source: string): BaselineEntry {
  if (typeof value !== 'object' || value === null) throw invalid(source, `${where} is not an object`);
  const { fingerprint, ...given } = value as Record<string, unknown>;
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint))
    throw invalid(source, `${where}.fingerprint is not "v1:" and 64 hexadecimal digits`);
  const entry: BaselineEntry = { fingerprint };
  for (const name of TEXTS) {
    const text = given[name];
    if (text === undefined) continue;
    if (typeof text !== 'string') throw invalid(source, `${where}.${name} is not text`);
    entry[name] = text;
  }
  if (entry.expires !== undefined && !isDate(entry.expires))
    throw invalid(source, `${where}.expires is not a date`);
  const unknown = Object.keys(given).find((name) => !(TEXTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw invalid(source, `${where} has an unknown field`);
  return entry;
}

/** Fingerprints that are known and do not count until their entry expires. */
export class Baseline {
  readonly #entries: Map<string, BaselineEntry>;
  readonly #now: number;

  constructor(entries: Iterable<BaselineEntry> = [], now: Date = new Date()) {
    this.#entries = new Map([...entries].map((entry) => [entry.fingerprint, entry]));
    this.#now = now.getTime();
  }

  /** Reads `{"schemaVersion": 1, "entries": […]}`; throws `baseline-invalid` (exit 3) with the entry and the field. */
  static parse(text: string, source: string, now: Date = new Date()): Baseline {
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      throw invalid(source, 'is not JSON');
    }
    const { schemaVersion, entries } = (document ?? {}) as Record<string, unknown>;
    if (schemaVersion !== 1) throw invalid(source, 'schemaVersion is not 1');
    if (!Array.isArray(entries)) throw invalid(source, 'entries is not a list');
    return new Baseline(
      entries.map((entry, i) => entryOf(entry, `entries[${i}]`, source)),
      now,
    );
  }

  /** Everything that was written, also what has expired. */
  entries(): Iterable<BaselineEntry> {
    return this.#entries.values();
  }

  has(fingerprint: string): boolean {
    const entry = this.#entries.get(fingerprint);
    return entry !== undefined && !this.#expired(entry);
  }

  /** What was written about a fingerprint, for the next baseline; without an expiry that has passed. */
  entry(fingerprint: string): BaselineEntry | undefined {
    const entry = this.#entries.get(fingerprint);
    if (!entry || !this.#expired(entry)) return entry;
    const { expires, ...lasting } = entry;
    return lasting;
  }

  /** What a reader of the report should know: a proven key is hidden; an entry has expired. */
  notices(findings: Iterable<Finding>): Notice[] {
    const notices: Notice[] = [];
    for (const { fingerprint, reason, confidence, ruleId, title } of findings) {
      const entry = fingerprint === null ? undefined : this.#entries.get(fingerprint);
      if (!entry) continue;
      if (this.#expired(entry))
        notices.push({
          code: 'baseline-expired',
          message: `the baseline's entry for ${title} (${ruleId}, ${fingerprint}) expired on ${entry.expires}`,
          hint: 'rotate the secret, or renew the entry',
        });
      else if (reason === 'baseline' && confidence === 'proven')
        notices.push({
          code: 'baseline-hides-proven-key',
          message: `the baseline hides ${title} (${ruleId}, ${fingerprint}), which is proven`,
          hint: 'rotate the key and remove the entry: a key that was in one dump may be in others',
        });
    }
    return notices;
  }

  #expired({ expires }: BaselineEntry): boolean {
    return expires !== undefined && Date.parse(expires) <= this.#now;
  }
}

const FREE = ['ruleId', 'reason', 'owner'] as const;
/** A rule keeps its name where a word of it was met as a poor secret. */
const RULE_ID = /^[a-z0-9-]{1,64}$/;

function maskedEntry(entry: BaselineEntry, mask: (text: string) => string): BaselineEntry {
  const texts = FREE.flatMap((name) => {
    const text = entry[name];
    if (text === undefined) return [];
    return [[name, name === 'ruleId' && RULE_ID.test(text) ? text : mask(text)]];
  });
  return { ...entry, ...Object.fromEntries(texts) };
}

/** Gathers the findings of a run for `--write-baseline`: what counts, and what counted but for the baseline. */
export class BaselineWriter {
  readonly #previous: Baseline;
  readonly #entries = new Map<string, BaselineEntry>();
  /** Findings that no baseline can hold: the run's budget of slow fingerprints was spent. */
  nameless = 0;

  constructor(previous: Baseline = new Baseline()) {
    this.#previous = previous;
  }

  add({ fingerprint, counts, reason, ruleId }: Finding): void {
    if (!counts && reason !== 'baseline') return;
    if (fingerprint === null) this.nameless++;
    else this.#entries.set(fingerprint, this.#previous.entry(fingerprint) ?? { fingerprint, ruleId });
  }

  /** Takes over what was accepted before and not met now; returns how many entries that is. */
  keepUnseen(): number {
    const unseen = [...this.#previous.entries()].filter(({ fingerprint }) => !this.#entries.has(fingerprint));
    for (const entry of unseen) this.#entries.set(entry.fingerprint, entry);
    return unseen.length;
  }

  /** Sorted, without a timestamp: the same findings give the same bytes. What people wrote passes `mask`: it may hold a secret. */
  text(mask: (text: string) => string = (text) => text): string {
    const entries = [...this.#entries.values()]
      .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
      .map((entry) => maskedEntry(entry, mask));
    return `${JSON.stringify({ schemaVersion: 1, entries }, null, 2)}\n`;
  }
}

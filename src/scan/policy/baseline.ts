import { DraftFile, nameBehindLinks } from '../../core/base/runtime/draft-file.js';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { defineWarnings, type Warning } from '../../core/base/runtime/warnings.js';
import type { Finding } from '../../core/model/report.js';
import { RULE_ID } from '../../core/model/rule-id.js';
import { readFile } from '../secret-files/target-files.js';

/** An accepted finding. Only `fingerprint` is required. No entry holds a path, an offset or a secret. */
export interface BaselineEntry {
  fingerprint: string;
  /** For reviewers of the file; not compared. */
  ruleId?: string;
  reason?: string;
  owner?: string;
  /** ISO 8601 date or time at which the entry expires. */
  expires?: string;
}

export const FINGERPRINT = /^v1:[0-9a-f]{64}$/;
const TEXTS = ['ruleId', 'reason', 'owner', 'expires'] as const;

const ENTRY = 'an entry is {"fingerprint": "v1:…"} with reason, owner and expires optional';

function invalid(source: string, what: string): DumpsieveError {
  return new DumpsieveError({
    code: 'baseline-invalid',
    message: `${source}: ${what}`,
    hint: `write a new one with --write-baseline; ${ENTRY}`,
  });
}

/**
 * ISO 8601. Date.parse also accepts text in parentheses, and a message with the date would show that text.
 */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** False for 30 February, which Date.parse takes for 2 March: the entry would expire two days late. */
export function isDate(text: string): boolean {
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

/** Fingerprints of findings that do not count until their entry expires. */
export class Baseline {
  readonly #entries: Map<string, BaselineEntry>;
  readonly #now: number;

  constructor(entries: Iterable<BaselineEntry> = [], now: Date = new Date()) {
    this.#entries = new Map([...entries].map((entry) => [entry.fingerprint, entry]));
    this.#now = now.getTime();
  }

  /** Reads `{"schemaVersion": 1, "entries": […]}`. Throws `baseline-invalid` (exit 3) with the field. */
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

  /** All entries, expired ones too. */
  entries(): Iterable<BaselineEntry> {
    return this.#entries.values();
  }

  has(fingerprint: string): boolean {
    const entry = this.#entries.get(fingerprint);
    return entry !== undefined && !this.#expired(entry);
  }

  /** The entry of a fingerprint for the next baseline, without an expiry in the past. */
  entry(fingerprint: string): BaselineEntry | undefined {
    const entry = this.#entries.get(fingerprint);
    if (!entry || !this.#expired(entry)) return entry;
    const { expires, ...lasting } = entry;
    return lasting;
  }

  /** Warnings about entries that have expired or hide a proven key. */
  notices(findings: Iterable<Finding>): Warning[] {
    const notices: Warning[] = [];
    for (const { fingerprint, reason, confidence, ruleId, title, kind } of findings) {
      const entry = fingerprint === null ? undefined : this.#entries.get(fingerprint);
      if (!entry) continue;
      const named = `${title} (${ruleId}, ${fingerprint})`;
      if (this.#expired(entry))
        notices.push(
          warnings.of('baseline-expired', {
            message: `the baseline's entry for ${named} expired on ${entry.expires}`,
            hint: 'rotate the secret, or renew the entry',
          }),
        );
      else if (reason === 'baseline' && isCertain(kind, confidence))
        notices.push(
          warnings.of('baseline-hides-proven-key', {
            message: `the baseline hides ${named}, confidence ${confidence}`,
            hint: 'rotate the key and delete its entry: a key that was in one dump may be in others',
          }),
        );
    }
    return notices;
  }

  #expired(entry: BaselineEntry): boolean {
    return isExpired(entry, this.#now);
  }
}

/** `now`: in milliseconds. */
export const isExpired = ({ expires }: BaselineEntry, now: number): boolean =>
  expires !== undefined && Date.parse(expires) <= now;

const FREE = ['ruleId', 'reason', 'owner'] as const;

function maskedEntry(entry: BaselineEntry, mask: (text: string) => string): BaselineEntry {
  const texts = FREE.flatMap((name) => {
    const text = entry[name];
    if (text === undefined) return [];
    // What is no rule's identifier can hold a secret in a form of its own.
    if (name === 'ruleId') return [[name, RULE_ID.test(text) ? text : 'unknown']];
    return [[name, mask(text)]];
  });
  return { ...entry, ...Object.fromEntries(texts) };
}

/**
 * Collects findings for `--write-baseline`: those that count, and those that only the baseline keeps from it.
 */
export class BaselineWriter {
  readonly #previous: Baseline;
  readonly #entries = new Map<string, BaselineEntry>();
  /** Findings without a fingerprint: the budget of slow fingerprints was spent. */
  unfingerprinted = 0;

  constructor(previous: Baseline = new Baseline()) {
    this.#previous = previous;
  }

  add({ fingerprint, counts, reason, ruleId }: Finding): void {
    if (!counts && reason !== 'baseline') return;
    if (fingerprint === null) this.unfingerprinted++;
    else this.#entries.set(fingerprint, this.#previous.entry(fingerprint) ?? { fingerprint, ruleId });
  }

  /** Keeps previous entries without a finding in this scan; returns their number. */
  keepUnseen(): number {
    const unseen = [...this.#previous.entries()].filter(({ fingerprint }) => !this.#entries.has(fingerprint));
    for (const entry of unseen) this.#entries.set(entry.fingerprint, entry);
    return unseen.length;
  }

  /**
   * Sorted, without a timestamp: the same findings give the same bytes. `mask`: for texts that people wrote.
   */
  text(mask: (text: string) => string = (text) => text): string {
    return baselineText(this.#entries.values(), mask);
  }
}

/** The file of these entries. */
export function baselineText(all: Iterable<BaselineEntry>, mask: (text: string) => string): string {
  const entries = [...all]
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    .map((entry) => maskedEntry(entry, mask));
  return `${JSON.stringify({ schemaVersion: 1, entries }, null, 2)}\n`;
}

export const warnings = defineWarnings({
  'allow-not-understood': 'note',
  'baseline-expired': 'note',
  'baseline-hides-proven-key': 'note',
  'baseline-incomplete': 'note',
  'baseline-kept': 'note',
  'baseline-not-written': 'note',
});

/** Proven, or a private key of which only the public half is missing. */
export const isCertain = (kind: Finding['kind'], confidence: Finding['confidence']): boolean =>
  confidence === 'proven' || (kind === 'private-key' && confidence === 'high');

/** Throws (exit 3) for a file that cannot be read or is no baseline. */
export function readBaseline(file: string): Baseline {
  const notice = { code: 'baseline-unreadable', hint: 'write one with --write-baseline' };
  return Baseline.parse(Buffer.from(readFile(file, notice)).toString('utf8'), file);
}

/** A full disk must not destroy the old baseline. */
export function replaceBaseline(file: string, text: string): void {
  let draft: DraftFile | undefined;
  try {
    draft = new DraftFile(nameBehindLinks(file));
    draft.write(text);
    draft.publish();
  } catch (error) {
    throw notWritable(file, error);
  } finally {
    draft?.discard();
  }
}

export function notWritable(file: string, error: unknown): DumpsieveError {
  return new DumpsieveError(
    {
      code: 'baseline-not-writable',
      message: `${file} cannot be written (${reasonOf(error)})`,
      hint: 'check the path of the baseline and its folder',
    },
    3,
    error,
  );
}

import type { ScanEvent } from '../../core/model/report.js';
import { eventShape } from '../schema.js';
import { notValid, tooNew } from './errors.js';

/** What this version writes, and values of enumerations that later ones add. */
const SHAPE = eventShape('open');

/** Field names that a message repeats: too short and plain to be a secret. */
const PLAIN = /^[A-Za-z]{1,24}$/;

/**
 * Checks events of a saved report by its schema. Fields that this version does not know are left out and
 * counted: a later version may have added them. Throws `report-invalid` for anything else, `report-newer` for
 * another layout.
 */
export class EventCheck {
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

import type { Finding, Occurrence } from '../../core/model/report.js';
import { addressOf, type Detail, type FindingBlock, type PlaceColumns, type TextColumn } from './data.js';

/** Texts of a row that are not fields of the finding. */
export type RowTexts = Pick<Record<TextColumn, string>, 'id' | 'whose'>;

/** Places of a finding in an HTML report, beside the first in each further artifact. */
const MOST_PLACES = 20;

/** Collects findings as one block. Its memory is that of the block: texts are kept once. */
export class FindingColumns {
  readonly #index = new Map<string, number>();
  readonly #block: FindingBlock = {
    texts: [],
    columns: {
      id: [],
      rule: [],
      title: [],
      kind: [],
      severity: [],
      confidence: [],
      status: [],
      whose: [],
      preview: [],
    },
    occurrences: [],
    places: { finding: [], artifact: [], offset: [], length: [], shift: [], region: [], form: [] },
    details: [],
  };

  get size(): number {
    return this.#block.occurrences.length;
  }

  /** Places of all findings. */
  get places(): number {
    return this.#block.places.offset.length;
  }

  add(finding: Finding, { id, whose }: RowTexts, withDetail: boolean): void {
    const { ruleId, title, kind, severity, confidence, counts, reason, preview, occurrences } = finding;
    const status = counts ? 'counts' : (reason ?? 'below-threshold');
    const row = { id, rule: ruleId, title, kind, severity, confidence, status, whose, preview };
    for (const [name, text] of Object.entries(row))
      this.#block.columns[name as TextColumn].push(this.#text(text));
    for (const place of shownPlaces(occurrences)) this.#addPlace(place);
    this.#block.occurrences.push(finding.occurrenceCount);
    if (withDetail) this.#block.details.push(detailOf(finding));
  }

  block(): FindingBlock {
    return this.#block;
  }

  #addPlace({ artifact, offset, length, address, region, component, encoding, partial }: Occurrence): void {
    const { kind, name, thread } = region;
    const parts = [kind, name, thread === undefined ? undefined : `thread ${thread}`];
    const form = [component, encoding, partial ? '(partial)' : undefined];
    const start = Number.isSafeInteger(offset) ? addressOf(address) : undefined;
    const shift = start === undefined ? -1 : this.#text(String(start - BigInt(offset)));
    const place: Record<keyof PlaceColumns, number> = {
      finding: this.size,
      artifact,
      offset,
      length,
      shift,
      region: this.#text(joined(parts)),
      form: this.#text(joined(form)),
    };
    for (const [name, value] of Object.entries(place))
      this.#block.places[name as keyof PlaceColumns].push(value);
  }

  #text(text: string): number {
    const known = this.#index.get(text);
    if (known !== undefined) return known;
    const index = this.#block.texts.push(text) - 1;
    this.#index.set(text, index);
    return index;
  }
}

const joined = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' ');

/** The first places, and one in each further artifact. */
function* shownPlaces(occurrences: readonly Occurrence[]): Generator<Occurrence> {
  const artifacts = new Set<number>();
  let count = 0;
  for (const place of occurrences) {
    if (count >= MOST_PLACES && artifacts.has(place.artifact)) continue;
    artifacts.add(place.artifact);
    count++;
    yield place;
  }
}

function detailOf({ fingerprint, impact, rotate, proof, notes, alsoMatched, ...finding }: Finding): Detail {
  const { key, claims, occurrences } = finding;
  const { certificates, ...identity } = key ?? {};
  const owner = occurrences[0]?.owner;
  return {
    ...{ fingerprint, impact, rotate, proof, notes, alsoMatched },
    ...(key && { key: identity as Omit<typeof key, 'certificates'> }),
    ...(certificates && { certificates }),
    ...(claims && { claims }),
    ...(owner && { owner }),
  };
}

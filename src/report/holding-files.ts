import type { Finding } from '../core/model/report.js';

/** Artifacts with a finding that counts, and which of them a report has named. */
export class HoldingFiles {
  /** Findings that count, by artifact. */
  readonly #findings = new Map<number, number>();
  readonly #named = new Set<number>();

  add({ occurrences }: Finding): void {
    for (const artifact of artifactsOf(occurrences))
      this.#findings.set(artifact, (this.#findings.get(artifact) ?? 0) + 1);
  }

  name(artifact: number): void {
    this.#named.add(artifact);
  }

  /** Findings that count in an artifact. */
  countOf(artifact: number): number {
    return this.#findings.get(artifact) ?? 0;
  }

  get artifacts(): Iterable<number> {
    return this.#findings.keys();
  }

  /** Those not named, in the order of the scan, and the number of findings in each. */
  unnamed(): [artifact: number, findings: number][] {
    return this.besides(this.#named);
  }

  /** Artifacts that are not among `named`, in the order of the scan, and the number of findings in each. */
  besides(named: ReadonlySet<number>): [artifact: number, findings: number][] {
    const left = [...this.#findings].filter(([artifact]) => !named.has(artifact));
    return left.sort(([a], [b]) => a - b);
  }
}

/** The artifacts of places, each once, in their order. */
export function artifactsOf(places: readonly { artifact: number }[]): Set<number> {
  return new Set(places.map(({ artifact }) => artifact));
}

/** Places by artifact, in their order. */
export function byArtifact<Place extends { artifact: number }>(
  places: readonly Place[],
): Map<number, Place[]> {
  const all = new Map<number, Place[]>();
  for (const each of places) {
    const known = all.get(each.artifact);
    if (known) known.push(each);
    else all.set(each.artifact, [each]);
  }
  return all;
}

import type { Occurrence } from '../../core/model/report.js';
import type { SecretIdentity } from '../fingerprint.js';
import type { Judged } from './judged.js';

/** What a sink must know of an artifact before its first candidate. */
export interface SinkArtifact {
  path: string;
  /** When the dump was written: tokens that had expired by then do not count. */
  mtime?: Date | undefined;
}

/**
 * Receives everything that a scan judges: unsanitised, and without a cap. The report's fold is one sink; a
 * redactor, which must see every place of every secret, is another.
 */
export interface FindingSink {
  /** Called before the first candidate of the artifact with this index. */
  artifact(index: number, artifact: SinkArtifact): void;
  /** A candidate with its verdict. Returns true if copies of the secret are to be searched for. */
  judged(judged: Judged, identity: SecretIdentity): boolean;
  /** A further place of the secret with this {@link SecretIdentity.id}, found by the search for copies. */
  copy(id: string, occurrence: Occurrence): void;
  /** Evidence for a key, found by the search for copies: its public half is at this place. */
  confirmed?(id: string, occurrence: Occurrence): void;
}

/** Writes to several sinks; copies are searched for if one of them wants them. */
export class SinkList implements FindingSink {
  readonly #sinks: readonly FindingSink[];

  constructor(sinks: readonly FindingSink[]) {
    this.#sinks = sinks;
  }

  artifact(index: number, artifact: SinkArtifact): void {
    for (const sink of this.#sinks) sink.artifact(index, artifact);
  }

  judged(judged: Judged, identity: SecretIdentity): boolean {
    return this.#sinks.map((sink) => sink.judged(judged, identity)).includes(true);
  }

  copy(id: string, occurrence: Occurrence): void {
    for (const sink of this.#sinks) sink.copy(id, occurrence);
  }

  confirmed(id: string, occurrence: Occurrence): void {
    for (const sink of this.#sinks) sink.confirmed?.(id, occurrence);
  }
}

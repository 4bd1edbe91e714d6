import type { Secret } from '../core/base/crypto/secret.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import { DEFAULTS } from '../core/options/table.js';
import { maskSpans } from '../detect/rulebook/mask-spans.js';
import { CopyTargets } from '../known/copy-targets.js';
import { Masker } from '../known/mask/mask.js';
import { type FindingSink, SinkList } from '../prove/judge/finding-sink.js';
import { Find } from './find/find.js';
import type { FindTarget } from './find/find-targets.js';
import { maskSecret } from './mask-secrets.js';
import type { Opened } from './opened.js';
import { Fold, type FoldCaps } from './policy/fold.js';
import type { FoldedFindings } from './policy/folded-findings.js';

/** Further sinks and targets, and other caps: for redaction and tests. */
export interface FindingInternals {
  /** Further sinks of all that is judged. */
  sinks?: readonly FindingSink[];
  foldCaps?: FoldCaps;
  /** Secrets to search for, besides those of the option `find`. */
  targets?: readonly FindTarget[];
  /** A value that a sink wants copies of, by its identity: searched for in the same scan. */
  copiedValue?: ((id: string) => Secret | undefined) | undefined;
}

/** The findings of a report: how their secrets are masked, where they go, what copies are searched for. */
export class Findings {
  readonly masker: Masker;
  readonly folded: FoldedFindings;
  readonly sink: FindingSink;
  /** The targets of `--find`, if any. */
  readonly find: Find | undefined;
  readonly copyTargets: CopyTargets;
  readonly copiedValue: FindingInternals['copiedValue'];
  readonly #opened: Opened;
  readonly #targets: readonly FindTarget[];

  constructor(opened: Opened, { sinks = [], foldCaps = {}, targets = [], copiedValue }: FindingInternals) {
    const { book, maskingBook, bareKeyRules, knownSecrets, targetFiles } = opened;
    const {
      expectAbsent = false,
      includeUndumped = false,
      failOn,
      failOnKind = [],
      minConfidence,
    } = opened.options;
    this.copiedValue = copiedValue;
    this.copyTargets = new CopyTargets(opened.targetCopies);
    const hasTargets = targetFiles.targets.length + targets.length > 0;
    this.find = hasTargets ? new Find(targetFiles) : undefined;
    const { find } = this;
    // Share one kernel instance when masking and sweep use the same net.
    const fused = maskingBook === book && bareKeyRules !== undefined;
    this.masker = new Masker((text) => maskSpans(text, maskingBook, fused));
    const fold = new Fold({
      ...foldCaps,
      counts: {
        failOn: failOn ?? DEFAULTS.failOn,
        failOnKind,
        minConfidence: minConfidence ?? DEFAULTS.minConfidence,
        onlyTargets: expectAbsent,
        includeUndumped,
      },
      ...(find ? { isTarget: (id, judged) => find.isTarget(id, judged) } : {}),
      ...(knownSecrets.suppression ? { suppression: knownSecrets.suppression } : {}),
    });
    this.folded = fold;
    this.sink = new SinkList([fold, ...sinks]);
    this.#opened = opened;
    this.#targets = targets;
  }

  /** Masks what is known before the scan, and has it searched for. To be finished first of all. */
  *begin(): Pausing<never> {
    yield* this.find?.addKnown(this.#targets) ?? [];
    const { allowedSecrets, findPasswords, archivePassword } = this.#opened;
    for (const [secrets, ruleId] of [
      [allowedSecrets, 'allowed'],
      [this.find?.secrets() ?? [], 'asked-for'],
      [findPasswords.map((value) => ({ value })), 'find-password'],
      [archivePassword === undefined ? [] : [{ value: archivePassword }], 'archive-password'],
    ] as const)
      for (const each of secrets) {
        maskSecret(this.masker, each, ruleId);
        yield;
      }
    for (const target of this.find?.copyTargets(this.folded, this.sink) ?? []) {
      this.copyTargets.add(target);
      yield;
    }
  }

  /** Overwrites what it has of secrets. No sweep may be running. */
  wipe(): void {
    this.copyTargets.wipe();
    this.masker.wipe();
  }
}

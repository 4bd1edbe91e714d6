import { checkRedactOptions } from './options/check-options.js';
import type { RedactOptions } from './options/redact-options.js';
import { proveCopy, writeCopy } from './redact/copy.js';
import { CopyFiles } from './redact/copy-files.js';
import { Plan } from './redact/core/plan.js';
import { plannedReader } from './redact/core/planned-reader.js';
import type { PlanFacts } from './redact/core/planner.js';
import { refusals } from './redact/core/refusals.js';
import { noWords, type WordCounts } from './redact/core/word-filter.js';
import { sha256Of } from './redact/file-digest.js';
import { openInput } from './redact/input-file.js';
import { allowListOf, fillOf } from './redact/manifest/allow-list.js';
import { writeManifest } from './redact/manifest/json.js';
import { MANIFEST_TYPE, type Manifest } from './redact/manifest/manifest.js';
import { plannerOf } from './redact/planners.js';
import { Signer } from './redact/signature/signer.js';
import { toolFacts } from './redact/tool.js';

export type { RedactOptions, RedactProgress } from './options/redact-options.js';

/** What a copy holds. */
export interface RedactResult extends PlanFacts {
  format: string;
  keep: RedactOptions['keep'];
  /** Bytes of the copy, as many as of the dump. */
  bytes: number;
  /** Bytes of the dump that are in the copy. */
  kept: number;
  /** Words of stacks, and what became of them. */
  words: WordCounts;
  /** SHA-256 of the copy, in hexadecimal. */
  sha256: string;
  /** File of the manifest. */
  manifest: string;
  /** With a key: file of the manifest's signature, and the public half that verifies it. */
  signature?: { file: string; publicKey: string };
}

/**
 * Copies a dump so that a debugger prints its backtraces, and nothing else of its memory is left
 * (docs/redact.md). The copy gets its name when it was written, read back and compared with what was planned.
 * Throws a {@link DumpsieveError} where that is not possible: then there is no output.
 */
export async function redact(options: RedactOptions): Promise<RedactResult> {
  checkRedactOptions(options);
  const { input: path, output: target, keep, force = false, signal, onProgress } = options;
  const input = await openInput(path);
  const step = (bytes: number): void => {
    signal?.throwIfAborted();
    onProgress?.({ bytes, total: input.reader.length });
  };
  let files: CopyFiles | undefined;
  try {
    const signer = options.sign === undefined ? undefined : Signer.open(options.sign);
    const untouched = { input: input.stats, key: signer?.file };
    files = CopyFiles.create({ output: target, manifest: options.manifest }, untouched, force);
    const output = files.copy;
    const { format, planner } = plannerOf(input.reader);
    const plan = new Plan(input.reader.length);
    const { accept32bit = false, paths = 'keep', exe } = options;
    const facts = planner({ reader: input.reader, plan, accept32bit, hashNames: paths === 'hash', exe });
    if (plan.overflowed) throw refusals.tooLarge();
    const parts = plan.finish();
    const words = noWords();
    step(0);
    await writeCopy(plannedReader(input.reader, parts, words), parts, output, step);
    const sha256 = await proveCopy(plannedReader(input.reader, parts, noWords()), parts, output, step);
    const bytes = input.reader.length;
    const inputHash = options.hashInput ? await sha256Of(input.reader, () => step(0)) : undefined;
    input.requireUnchanged();
    const kept = parts.keptBytes + (words.code + words.stack) * facts.word;
    const { memory } = facts;
    const manifest: Manifest = {
      schemaVersion: 1,
      type: MANIFEST_TYPE,
      tool: toolFacts(),
      format,
      keep,
      paths,
      fill: fillOf(facts),
      plan: allowListOf(kept, facts, words),
      coverage: { file: { bytes, unread: [] }, memory, limits: [] },
      acceptedLimits: [],
      ...(inputHash === undefined ? {} : { input: { bytes, sha256: inputHash } }),
      output: { bytes, sha256 },
    };
    return { format, keep, bytes, kept, words, sha256, ...facts, ...publish(files, manifest, signer) };
  } finally {
    files?.discard();
    input.close();
  }
}

/** Gives the copy, its manifest and the signature their names. */
function publish(
  files: CopyFiles,
  manifest: Manifest,
  signer: Signer | undefined,
): Pick<RedactResult, 'manifest' | 'signature'> {
  const bytes = writeManifest(manifest);
  files.publish(bytes, signer?.sign(bytes, `redaction manifest of sha256:${manifest.output.sha256}`));
  if (signer === undefined) return { manifest: files.manifest };
  return { manifest: files.manifest, signature: { file: files.signature, publicKey: signer.publicKey } };
}

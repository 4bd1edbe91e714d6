import { rangeReader } from './base/bytes/direct-reads.js';
import { filledRanges, filledReader } from './base/bytes/filled.js';
import { openStorage, type Storage } from './base/bytes/storage.js';
import { useSecrets } from './base/crypto/secret-memory.js';
import { definedFields } from './base/runtime/defined.js';
import { DumpsieveError } from './base/runtime/errors.js';
import { displayName, escapeText } from './base/text/escape.js';
import type { Coverage } from './model/report.js';
import type { RedactOptions, RedactProgress } from './options/redact-options.js';
import type { ScanOptions } from './options/scan-options.js';
import { DEFAULTS } from './options/table.js';
import { allowedSecrets } from './redact/all/allowed-secrets.js';
import { requireComplete, type ScanCoverage } from './redact/all/completeness.js';
import { fillableFormat } from './redact/all/fillable.js';
import { type CauseTally, Fills } from './redact/all/fills.js';
import { FoundSecrets } from './redact/all/found-secrets.js';
import { FurtherFills } from './redact/all/further-fills.js';
import { OccurrenceSink } from './redact/all/occurrence-sink.js';
import { scanUntilQuiet } from './redact/all/rounds.js';
import { proveView, writeView } from './redact/copy.js';
import { CopySession, type Published } from './redact/copy-session.js';
import { digestingReader } from './redact/digesting-reader.js';
import { sha256Of } from './redact/file-digest.js';
import { type InputFile, readable } from './redact/input-file.js';
import { fillListOf } from './redact/manifest/fill-list.js';
import type { OutputFile } from './redact/output-file.js';
import { openRulebook } from './rulebook/rulebook.js';
import { scanWithin } from './scan.js';

/** A copy in which every place of every finding is filled. */
export interface FilledCopy extends Published {
  keep: 'all';
  format: string;
  /** Bytes of the copy, as many as of the dump. */
  bytes: number;
  /** Bytes that are filled. */
  filled: number;
  /** What was filled, by the rule that found it. */
  causes: readonly CauseTally[];
  /** Scans of the filled copy until one found nothing; 0 if there was nothing to fill. */
  rounds: number;
  /** SHA-256 of the copy, in hexadecimal; that of the dump if nothing was filled. */
  sha256: string;
}

/**
 * Fills every place of every finding of a dump, and scans what would be left, until a scan finds nothing.
 * Only then the copy is written, read back and given its name. Throws a DumpsieveError where that is not
 * possible.
 */
export async function redactAll(options: RedactOptions): Promise<FilledCopy> {
  if (options.input === '-') throw standardInput();
  const endSecrets = useSecrets();
  let session: CopySession | undefined;
  try {
    session = await CopySession.open(options);
    const { input, output } = session;
    const { format, fill } = fillableFormat(input.reader);
    const byte = options.fill ?? fill;
    const fills = new Fills(input.reader.length, { fill: byte });
    const checkSignal = (): void => options.signal?.throwIfAborted();
    const inputSha256 = await sha256Of(readable(rangeReader(input.storage)), checkSignal);
    const { rounds, coverage } = await fillAll(options, input, fills, format);
    const { sha256, readSha256 } = await write(options, input, fills, output);
    if (readSha256 !== inputSha256) throw changed();
    options.signal?.throwIfAborted();
    const causes = fills.byCause();
    const published = await session.publish({
      ...{ format, keep: 'all', paths: 'keep', sha256, inputSha256, coverage },
      fill: { byte },
      plan: fillListOf(options.manifestDetail ?? 'full', causes, fills.extents()),
      acceptedLimits: [...(options.acceptLimits ?? [])],
    });
    const bytes = input.reader.length;
    return { keep: 'all', format, bytes, filled: fills.bytes, causes, rounds, sha256, ...published };
  } finally {
    session?.close();
    endSecrets();
  }
}

/** A program writes to memory that it has mapped without a new time of modification. */
function changed(): DumpsieveError {
  const message = 'the file changed while it was read: what was written is not what was scanned';
  const hint = 'copy it again when nothing writes to it';
  return new DumpsieveError({ code: 'file-changed', message, hint }, 2);
}

function standardInput(): DumpsieveError {
  const message = 'standard input cannot be copied yet';
  return new DumpsieveError({ code: 'redact-stdin', message, hint: 'write it to a file first' });
}

/** Result of all scans. */
interface Scanned {
  /** Scans of the filled view. */
  rounds: number;
  /** Of the last scan. */
  coverage: Coverage;
}

/** Adds to the fills until a scan finds nothing more. */
async function fillAll(
  options: RedactOptions,
  input: InputFile,
  fills: Fills,
  format: string,
): Promise<Scanned> {
  const { keepAllowed = [], acceptLimits = [], jobs = DEFAULTS.jobs, signal } = options;
  const found = new FoundSecrets();
  const sink = new OccurrenceSink({ fills, found, isAllowed: await allowedSecrets(keepAllowed) });
  const accepted = new Set(acceptLimits);
  const open = (storage: Storage) => readable(openStorage(storage));
  const { ruleFolders, with: enabled } = options;
  const book = await openRulebook(definedFields({ paths: [], ruleFolders, with: enabled }));
  const further = new FurtherFills({ fills, found, format, book, jobs, open, signal });
  let coverages: ScanCoverage[] = [];
  const scan = async (view: Storage, round: number): Promise<boolean> => {
    coverages = [];
    sink.scanning(open(view));
    const events = scanWithin(scanOptions(options, round), {
      sources: sourceOf(options, input, view),
      sinks: [sink],
      targets: found.targets(),
      onReport: (report) => coverages.push(report),
    });
    for await (const _event of events) signal?.throwIfAborted();
    signal?.throwIfAborted();
    input.requireUnchanged();
    const isFound = sink.takeNews();
    const isNew = (await further.addParts(view)) || isFound;
    if (round === 0) further.addStructure(input.storage);
    for (const each of coverages) requireComplete(each, accepted, !isNew);
    return isNew;
  };
  try {
    const rounds = await scanUntilQuiet({ stored: input.storage, fills, scan });
    return { rounds, coverage: coverages[0]!.coverage };
  } finally {
    await further.close();
  }
}

/** The options of one scan. What counts does not matter: every finding is filled. */
function scanOptions(options: RedactOptions, round: number): ScanOptions {
  const { input, ruleFolders, with: enabled, effort, find, acceptLimits, jobs, signal } = options;
  return definedFields({
    ...{ paths: [input], ruleFolders, with: enabled, effort, find, acceptLimits, jobs, signal },
    ...{ exitZero: true, strict: true },
    onProgress: progressOf(options, 'scan', round),
  });
}

/** The view as the only artifact of a scan. */
function sourceOf({ input: path }: RedactOptions, { stats }: InputFile, storage: Storage) {
  const shown = typeof path === 'string' ? escapeText(path) : displayName(path);
  const artifact = {
    ...{ path: shown, storage, mtime: stats.mtime },
    ...{ unread: [], warnings: [], live: false, close() {} },
  };
  return {
    async *open() {
      yield { type: 'artifact' as const, artifact };
    },
    async *left() {},
  };
}

/** Writes the view and reads it back. Returns its SHA-256, and that of what was read of the input for it. */
async function write(
  options: RedactOptions,
  { storage }: InputFile,
  fills: Fills,
  output: OutputFile,
): Promise<{ sha256: string; readSha256: string }> {
  const { signal } = options;
  const step = (phase: RedactProgress['phase']) => {
    const report = progressOf(options, phase);
    return (bytes: number): void => {
      signal?.throwIfAborted();
      report?.({ bytes, total: storage.length });
    };
  };
  const stored = readable(rangeReader(storage));
  const isEqual = fills.bytes === 0;
  const { reader, digest } = isEqual ? { reader: stored, digest: undefined } : digestingReader(stored);
  const sha256 = await writeView(filledReader(reader, filledRanges(fills.spans())), output, step('write'));
  const readSha256 = digest?.() ?? sha256;
  await proveView(output, storage.length, sha256, step('prove'));
  return { sha256, readSha256 };
}

function progressOf(
  { onProgress }: RedactOptions,
  phase: RedactProgress['phase'],
  round?: number,
): ((progress: { bytes: number; total: number }) => void) | undefined {
  if (onProgress === undefined) return undefined;
  return ({ bytes, total }) => onProgress(definedFields({ bytes, total, phase, round }));
}

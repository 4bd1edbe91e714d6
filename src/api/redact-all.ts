import { rangeReader } from '../core/base/bytes/direct-reads.js';
import { openStorage, type Storage } from '../core/base/bytes/storage.js';
import { useSecrets } from '../core/base/crypto/secret-memory.js';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { displayName, escapeText } from '../core/base/text/escape.js';
import type { Coverage } from '../core/model/report.js';
import type { RedactOptions, RedactProgress } from '../core/options/check-options.js';
import { requireComplete, type ScanCoverage } from '../redact/all/completeness.js';
import { fillableFormat } from '../redact/all/fillable.js';
import { type CauseTally, Fills } from '../redact/all/fills.js';
import { allowedSecrets, FoundSecrets } from '../redact/all/found-secrets.js';
import { FurtherFills } from '../redact/all/further-fills.js';
import { OccurrenceSink } from '../redact/all/occurrence-sink.js';
import { scanUntilQuiet } from '../redact/all/rounds.js';
import { CopySession, type NamedDump, type Published } from '../redact/copy-session.js';
import { sha256Of } from '../redact/file-digest.js';
import { type RedactInput, readable } from '../redact/input.js';
import { fillListOf } from '../redact/manifest/allow-list.js';
import { oneArtifact } from '../redact/one-artifact.js';
import { writeFilled } from '../redact/written-view.js';
import type { Scanner } from '../scan/scanner.js';
import { openCopyScanner } from './copy-scanner.js';
import { foundMasker } from './mask-found.js';

/** A copy in which every place of every finding is filled. */
export interface FilledCopy extends Published {
  keep: 'all';
  format: string;
  /** Bytes of the copy, as many as of the dump; of what they hold if they are compressed. */
  bytes: number;
  /** Bytes that are filled. */
  filled: number;
  /** What was filled, by the rule that found it. */
  causes: readonly CauseTally[];
  /** Scans of the filled copy until one found nothing; 0 if there was nothing to fill. */
  rounds: number;
}

/**
 * Fills every place of every finding of a dump, and scans what would be left, until a scan finds nothing.
 * Only then the copy is written, read back and given its name. Throws a DumpsieveError where that is not
 * possible.
 */
export async function redactAll(
  options: RedactOptions,
  named?: NamedDump,
  scanner?: Scanner,
): Promise<FilledCopy> {
  const endSecrets = useSecrets();
  let session: CopySession | undefined;
  try {
    session = await CopySession.open(options, named);
    const { input, target } = session;
    const { format, fill } = fillableFormat(input.reader);
    const byte = options.fill ?? fill;
    const fills = new Fills(input.reader.length, { fill: byte });
    const { storage } = input;
    // What was decoded or spooled is in no other program's reach.
    const before = storage.kind === 'file' ? await contentDigest(storage, options) : undefined;
    const filling = { options, input, fills, format, named };
    const { rounds, coverage } = await (scanner === undefined
      ? withScanner(options, (own) => fillAll(filling, own))
      : fillAll(filling, scanner));
    const step = (phase: RedactProgress['phase']) => stepOf(options, phase, storage.length);
    const { output, read } = await writeFilled(storage, fills, target, step('write'), step('prove'));
    if (before !== undefined && read !== before) throw changed();
    options.signal?.throwIfAborted();
    const causes = fills.byCause();
    const published = await session.publish({
      ...{ format, keep: 'all', paths: 'keep', output, content: read, coverage },
      fill: { byte },
      plan: fillListOf(options.manifestDetail ?? 'full', causes, fills.extents()),
      acceptedLimits: [...(options.acceptLimits ?? [])],
    });
    const bytes = input.reader.length;
    return { keep: 'all', format, bytes, filled: fills.bytes, causes, rounds, ...published };
  } finally {
    session?.close();
    endSecrets();
    // The threads of a scanner outlive this dump.
    scanner?.pool.wipe();
  }
}

const contentDigest = (storage: Storage, { signal }: RedactOptions): Promise<string> =>
  sha256Of(readable(rangeReader(storage)), () => signal?.throwIfAborted());

/** A program writes to memory that it has mapped without a new time of modification. */
function changed(): DumpsieveError {
  const message = 'the file changed while it was read: what was written is not what was scanned';
  const hint = 'copy it again when nothing writes to it';
  return new DumpsieveError({ code: 'file-changed', message, hint }, 2);
}

/** Result of all scans. */
interface Scanned {
  /** Scans of the filled view. */
  rounds: number;
  /** Coverage of the last scan. */
  coverage: Coverage;
}

interface Filling {
  options: RedactOptions;
  input: RedactInput;
  fills: Fills;
  format: string;
  named: NamedDump | undefined;
}

async function withScanner<T>(options: RedactOptions, use: (scanner: Scanner) => Promise<T>): Promise<T> {
  const scanner = await openCopyScanner(options);
  try {
    return await use(scanner);
  } finally {
    await scanner.close();
  }
}

/** Adds to the fills until a scan finds nothing more. */
async function fillAll(
  { options, input, fills, format, named }: Filling,
  scanner: Scanner,
): Promise<Scanned> {
  const { keepAllowed = [], acceptLimits = [], signal } = options;
  const found = new FoundSecrets();
  const sink = new OccurrenceSink({ fills, found, isAllowed: await allowedSecrets(keepAllowed) });
  const accepted = new Set(acceptLimits);
  const open = (storage: Storage) => readable(openStorage(storage));
  const { book, pool } = scanner;
  const further = new FurtherFills({ fills, found, format, book, pool, open, signal });
  const path = named?.shown ?? shownName(options.input);
  let masked = path;
  let coverages: ScanCoverage[] = [];
  const scan = async (view: Storage, round: number): Promise<boolean> => {
    coverages = [];
    sink.scanning(open(view));
    const onProgress = progressOf(options, 'scan', round);
    const report = scanner.report(definedFields({ paths: [options.input], signal, onProgress }), {
      sources: oneArtifact(path, view, input.mtime),
      sinks: [sink],
      targets: found.targets(),
      // What the same scan finds of them, no further round has to.
      copiedValue: (id) => found.valueOf(id),
      onReport: (report) => coverages.push(report),
    });
    for await (const event of report.events()) {
      signal?.throwIfAborted();
      if (event.type === 'artifact') masked = event.path;
    }
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
    await named?.checkName(masked, found.targets());
    return { rounds, coverage: coverages[0]!.coverage };
  } catch (error) {
    if (!(error instanceof DumpsieveError)) throw error;
    const masker = await foundMasker(found);
    try {
      await named?.failed(masker.mask(masked), found.targets());
      throw error.withTexts((text) => masker.mask(text));
    } finally {
      masker.wipe();
    }
  }
}

const shownName = (path: string | Uint8Array): string =>
  typeof path === 'string' ? escapeText(path) : displayName(path);

function stepOf(
  options: RedactOptions,
  phase: RedactProgress['phase'],
  total: number,
): (bytes: number) => void {
  const report = progressOf(options, phase);
  return (bytes) => {
    options.signal?.throwIfAborted();
    report?.({ bytes, total });
  };
}

function progressOf(
  { onProgress }: RedactOptions,
  phase: RedactProgress['phase'],
  round?: number,
): ((progress: { bytes: number; total: number }) => void) | undefined {
  if (onProgress === undefined) return undefined;
  return ({ bytes, total }) => onProgress(definedFields({ bytes, total, phase, round }));
}

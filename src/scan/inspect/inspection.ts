import type { Notice } from '../../core/base/runtime/errors.js';
import { finishInTurns } from '../../core/base/runtime/turns.js';
import { noticeOf, type Warning } from '../../core/base/runtime/warnings.js';
import type { Coverage, ProcessFacts, RegionFacts, RegionKind } from '../../core/model/report.js';
import { leftOutOf } from '../../formats/formats.js';
import { regionsOf } from '../../formats/memory/region-list.js';
import type { Artifact, OpenedSource, SourceEvent } from '../../source/types.js';
import { OpenDump } from '../open-dump.js';
import { lackingBy } from '../whole-reads.js';
import { type AskedPlace, type InspectedPlace, lookUp } from './place.js';

/** What one dump is: what is there and what is missing, without a byte of its memory. */
export interface Inspection {
  path: string;
  format: string;
  size: number;
  mtime?: string;
  /** Without the command line, which is memory of the process. */
  process?: Omit<ProcessFacts, 'command'>;
  coverage: Omit<Coverage, 'limits'>;
  /** Regions by kind; `bytes` are those in the file. */
  memory: { kind: RegionKind; regions: number; bytes: number }[];
  regions: RegionFacts[];
  /** What a dump of this format never has. */
  leavesOut?: string;
  warnings: Notice[];
  /** Something of it is missing, unreadable or not understood. */
  damaged: boolean;
  place?: InspectedPlace;
}

/** What is inspected: one dump, or a message about a path. */
export type Inspected = { dump: Inspection } | { notice: Warning };

/** A dump, or a container that holds other dumps. */
interface Opened {
  artifact: Artifact;
  hasInside: boolean;
}

/**
 * Inspects all dumps of some sources. Containers are opened; of them only what could not be decoded is
 * reported.
 */
export async function* inspectAll(
  events: AsyncIterable<SourceEvent>,
  place: AskedPlace | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Inspected> {
  for await (const event of events) {
    signal?.throwIfAborted();
    if (event.type === 'notice') yield { notice: event.notice };
    else yield* inspectSource(event, place, signal);
  }
}

async function* inspectSource(
  source: OpenedSource,
  place: AskedPlace | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Inspected> {
  const { artifact } = source;
  let inside = 0;
  try {
    for await (const each of inspectAll(source.inside(), place, signal)) {
      if ('dump' in each) inside++;
      yield each;
    }
    if (artifact !== undefined) {
      const opened = { artifact, hasInside: inside > 0 };
      if (!opened.hasInside || artifact.unread.length > 0)
        yield { dump: await inspect(opened, opened.hasInside ? undefined : place, signal) };
    }
  } finally {
    artifact?.close();
    source.close();
  }
}

async function inspect(
  { artifact }: Opened,
  place: AskedPlace | undefined,
  signal: AbortSignal | undefined,
): Promise<Inspection> {
  const open = new OpenDump(artifact, 0);
  const { dump, length } = open;
  const regions = await finishInTurns(regionsOf(dump, length), signal);
  const lacking = dump.audit ? await lackingBy(dump.audit(), open.rangeReader(), signal) : [];
  const found = place && lookUp(place, dump, regions, open);
  const names = found && dump.completeNames?.();
  const named = names ? await finishInTurns(names, signal) : [];
  const unread = [...artifact.unread, ...dump.unread, ...lacking];
  const warnings = [...artifact.warnings, ...dump.warnings, ...named];
  const { command: _memory, ...process } = dump.process;
  const leavesOut = leftOutOf(dump.format);
  return {
    path: artifact.path,
    format: dump.format,
    size: length,
    ...(artifact.mtime && { mtime: artifact.mtime.toISOString() }),
    ...(Object.keys(process).length > 0 && { process }),
    coverage: { file: { bytes: length, unread }, ...(dump.memory && { memory: dump.memory }) },
    memory: byKind(regions),
    regions,
    ...(leavesOut !== undefined && { leavesOut }),
    warnings: warnings.map(noticeOf),
    damaged:
      length === 0 ||
      unread.length > 0 ||
      (dump.memory?.missing.length ?? 0) > 0 ||
      warnings.some(({ effect }) => effect !== 'note'),
    ...(found && { place: found }),
  };
}

/** Regions in sum, the largest first. */
function byKind(regions: readonly RegionFacts[]): Inspection['memory'] {
  const sums = new Map<RegionKind, Inspection['memory'][number]>();
  for (const { kind, present } of regions) {
    const sum = sums.get(kind) ?? { kind, regions: 0, bytes: 0 };
    sum.regions++;
    sum.bytes += present;
    sums.set(kind, sum);
  }
  return [...sums.values()].sort((a, b) => b.bytes - a.bytes);
}

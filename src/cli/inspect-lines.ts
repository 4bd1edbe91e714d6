import type { Inspection, InspectResult } from '../index.js';

const grouped = (count: number): string => count.toLocaleString('en-US');
const plural = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Entries of a list without --verbose. */
const FEW = 3;
/** Columns of a label. */
const LABEL = 10;

/** What is printed of a result: a paragraph for each dump. */
export function inspectionLines({ dumps }: InspectResult, verbose: boolean): string[] {
  return dumps.map((dump, index) => {
    const lines = [...linesOf(dump, verbose)];
    return `${index > 0 ? '\n' : ''}${lines.join('\n')}\n`;
  });
}

function* linesOf(dump: Inspection, verbose: boolean): Generator<string> {
  yield dump.path;
  yield whatOf(dump);
  if (dump.place) {
    yield* placeLines(dump.place, dump.size);
    return;
  }
  const few = (all: readonly string[], between = '   '): string => {
    const shown = verbose ? all : all.slice(0, FEW);
    const more = all.length - shown.length;
    return [...shown, ...(more > 0 ? [`(${grouped(more)} more: --verbose)`] : [])].join(between);
  };
  yield* labelled('process', processOf(dump));
  yield* labelled('memory', sumsOf(dump, true));
  yield* labelled('file', sumsOf(dump, false));
  yield* labelled('parts', few(partsOf(dump)));
  yield* labelled('missing', few(missingOf(dump), `\n${''.padEnd(LABEL)}`));
  yield* labelled('left out', dump.leavesOut ?? '');
  yield* labelled('build', few(buildsOf(dump)));
  for (const { code, message } of dump.warnings) yield* labelled('warning', `${message} [${code}]`);
}

function* labelled(label: string, text: string): Generator<string> {
  if (text !== '') yield `${label.padEnd(LABEL)}${text}`;
}

function whatOf({ format, size, process = {}, damaged, coverage }: Inspection): string {
  const { machine, bits, endian, dumpedAt, signal, signalName } = process;
  const order = endian && { le: 'little-endian', be: 'big-endian' }[endian];
  const died = signalName ?? (signal === undefined ? undefined : `signal ${signal}`);
  const isWhole = !damaged && coverage.file.unread.length === 0;
  const parts = [
    format,
    machine,
    bits === undefined ? undefined : `${bits} bit`,
    order,
    plural(size, 'byte'),
    isWhole ? 'whole' : 'damaged or not whole',
    dumpedAt === undefined ? undefined : `written ${dumpedAt}`,
    died,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function processOf({ process = {} }: Inspection): string {
  const { name, executable, pid, threads, modules = [] } = process;
  const parts = [
    name ?? executable,
    pid === undefined ? undefined : `pid ${pid}`,
    threads ? plural(threads, 'thread') : undefined,
    modules.length > 0 ? plural(modules.length, 'module') : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** Kinds of regions that are not memory of the process. */
const OF_FILE: ReadonlySet<string> = new Set(['header', 'note', 'register', 'gap', 'unknown']);

function sumsOf({ memory }: Inspection, isMemory: boolean): string {
  return memory
    .filter(({ kind, bytes }) => bytes > 0 && OF_FILE.has(kind) !== isMemory)
    .map(({ kind, regions, bytes }) => `${kind} ${plural(regions, 'region')} ${plural(bytes, 'byte')}`)
    .join('   ');
}

/** Named parts of the file outside memory, in sum. */
function partsOf({ regions }: Inspection): string[] {
  const sums = new Map<string, number>();
  for (const { kind, name, present } of regions)
    if (OF_FILE.has(kind) && name !== undefined) sums.set(name, (sums.get(name) ?? 0) + present);
  const sorted = [...sums].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, bytes]) => `${name} ${plural(bytes, 'byte')}`);
}

function missingOf({ coverage: { file, memory } }: Inspection): string[] {
  const unread = file.unread.map(({ offset, length, reason }) => {
    const range = length === null ? 'to an unknown end' : plural(length, 'byte');
    return `offset ${offset}, ${range}: ${reason}`;
  });
  const lost = (memory?.missing ?? []).map(
    ({ address, length, reason }) => `${address}, ${plural(length, 'byte')}: ${reason}`,
  );
  const { present = 0, described = 0 } = memory ?? {};
  const sum = `${grouped(present)} of ${plural(described, 'byte')} described are there`;
  const all = [...(present < described ? [sum] : []), ...lost, ...unread];
  return all.length === 0 && memory ? ['nothing that its headers describe'] : all;
}

function buildsOf({ process = {} }: Inspection): string[] {
  const built = (process.modules ?? []).filter(({ buildId }) => buildId !== undefined);
  return built.map(({ path, buildId }) => `${path.split(/[\\/]/).at(-1)} ${buildId}`);
}

function* placeLines(place: NonNullable<Inspection['place']>, size: number): Generator<string> {
  const { state, address, offset, region, within, addressSpace, fileBacked } = place;
  const points = [
    address === undefined ? undefined : `address ${address}`,
    offset === undefined ? undefined : `offset 0x${offset.toString(16)} (${offset})`,
  ];
  const point = points.filter((part) => part !== undefined).join(' = ');
  if (state !== 'present') {
    yield* labelled('place', point);
    yield* labelled('state', absence(place, size));
    return;
  }
  yield* labelled('place', point);
  const thread = region?.thread === undefined ? '' : `, thread ${region.thread}`;
  yield* labelled('region', `${region?.kind}${region?.name === undefined ? '' : ` ${region.name}`}${thread}`);
  if (within !== undefined) yield* labelled('within', rangeText(within));
  const { kind, pid } = addressSpace ?? {};
  if (kind !== undefined) yield* labelled('space', `${kind}${pid === undefined ? '' : `, pid ${pid}`}`);
  if (fileBacked !== undefined)
    yield* labelled('origin', fileBacked ? 'as in the file of the module' : 'written by the process');
  yield* labelled(
    'secret',
    'not searched for here, and no byte is shown: dumpsieve scan says what was found',
  );
}

function absence({ state, address, reason }: NonNullable<Inspection['place']>, size: number): string {
  if (state === 'missing') return `not in the file: ${reason}`;
  const isOffset = address !== undefined && BigInt(address) < BigInt(size);
  return `nothing in this dump is there${isOffset ? `; as an offset it is +${address}` : ''}`;
}

function rangeText({ address, offset, length, present }: Inspection['regions'][number]): string {
  const end = address === undefined ? undefined : BigInt(address) + BigInt(length);
  const memory = end === undefined ? [] : [`[${address}, 0x${end.toString(16)})`];
  const lacking = present < length ? [`${plural(length - present, 'byte')} of it missing`] : [];
  return [...memory, plural(length, 'byte'), `offset 0x${offset.toString(16)}`, ...lacking].join(', ');
}

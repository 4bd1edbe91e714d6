import type { BacktraceCopy, FilledCopy, RedactResult } from '../index.js';

export const grouped = (count: number): string => count.toLocaleString('en-US');

const counted = (count: number, one: string, many: string): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** No debugger distinguishes what was replaced from what was there. */
const LOOKS_REAL = {
  bytes: 'a debugger prints filled bytes as if they were values of the program',
  words: (word: number): string =>
    `a debugger prints replaced words (0x${'0defaced'.repeat(word / 4)}, outside of stacks 0) ` +
    'as if they were values of the program',
  values: 'tools print replaced values and texts as if they were values of the program',
} as const;

/** What is said of the copies of a folder. */
export const FILLS_LOOK_REAL = LOOKS_REAL.bytes;

/** Digests of the copy; also of the content of a compressed one. */
const digestsOf = ({ sha256, decoded }: RedactResult): string[] => [
  ...(decoded === undefined ? [] : [`sha256 before ${decoded.encoding}: ${decoded.sha256}`]),
  `sha256: ${sha256}`,
];

/** What was filled, by rule. */
function ofFilled(copy: FilledCopy): string[] {
  const { format, bytes, filled, causes, rounds } = copy;
  if (filled === 0)
    return [`${format}: nothing found, an equal copy of ${grouped(bytes)} bytes`, ...digestsOf(copy)];
  return [
    `${format}: filled ${grouped(filled)} of ${grouped(bytes)} bytes`,
    ...causes.map(
      ({ cause, places, bytes: each }) =>
        `  ${cause}: ${counted(places, 'place', 'places')}, ${counted(each, 'byte', 'bytes')}`,
    ),
    `scans of the filled dump until one found nothing: ${grouped(rounds)}`,
    LOOKS_REAL.bytes,
    ...digestsOf(copy),
  ];
}

const ofProcess = ({ words, threads, withoutStack, modules, word }: BacktraceCopy): string[] => [
  `threads: ${grouped(threads)}, modules: ${grouped(modules)}`,
  `words of stacks: ${grouped(words.words)}, of which ${grouped(words.code)} point to code, ` +
    `${grouped(words.stack)} to the same stack, ${grouped(words.dropped)} were replaced`,
  ...(withoutStack > 0 ? [`threads whose stack is not in the dump: ${grouped(withoutStack)}`] : []),
  LOOKS_REAL.words(word),
];

const ofHeap = ({ objects, texts, filledTexts, damaged }: NonNullable<BacktraceCopy['heap']>): string[] => [
  `objects: ${grouped(objects)}`,
  `texts: ${grouped(texts)}, of which ${grouped(filledTexts)} are no names and were replaced`,
  ...(damaged > 0 ? [`damaged: ${grouped(damaged)} bytes of no known record, replaced`] : []),
  LOOKS_REAL.values,
];

function ofBacktrace(copy: BacktraceCopy): string[] {
  const { format, bytes, kept, memory, heap } = copy;
  return [
    `${format}: kept ${grouped(kept)} of ${grouped(bytes)} bytes`,
    ...(heap === undefined ? ofProcess(copy) : ofHeap(heap)),
    ...(memory.present < memory.described
      ? [`memory that the dump lacks: ${grouped(memory.described - memory.present)} bytes`]
      : []),
    ...digestsOf(copy),
  ];
}

/**
 * Counts and names of rules alone: a summary prints no text of the dump. `manifest`: the name of the
 * manifest, masked.
 */
export function summaryOf(result: RedactResult, manifest: string): string {
  const { signature } = result;
  const lines = [
    ...(result.keep === 'all' ? ofFilled(result) : ofBacktrace(result)),
    `manifest: ${manifest}`,
    signature
      ? `signed; verify with --key ${signature.publicKey}`
      : 'not signed: verify refuses it (--sign KEY)',
  ];
  return `${lines.join('\n')}\n`;
}

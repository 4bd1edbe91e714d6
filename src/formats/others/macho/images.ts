import { definedFields } from '../../../core/base/runtime/defined.js';
import type { Memory } from '../../memory/memory.js';
import { decodeCString } from '../../memory/text.js';
import type { Segment } from '../../memory/types.js';
import { HEADER_MAX, LC, type LoadCommand, MH, readMachHeader, splitCommands } from './header.js';
import type { ListedImage } from './notes.js';
import { type MachSegment, readSegment } from './segments.js';

/** An image in memory and its segments' ranges of addresses. */
export interface MachImage extends ListedImage {
  ranges: { start: bigint; end: bigint }[];
}

const KINDS: ReadonlySet<number> = new Set([MH.EXECUTE, MH.DYLIB, MH.DYLINKER]);
/** Bytes of load commands read per image, and images read. */
const MAX_COMMANDS = 64 * 1024;
const MAX_IMAGES = 4096;
const MAX_RANGES = 2 ** 17;
const MAX_PATH = 4096;

/** Images listed by a note, and images whose header is at the start of a segment. */
export function findImages(
  memory: Memory,
  segments: readonly Segment[],
  listed: readonly ListedImage[],
): MachImage[] {
  const paths = new Map(listed.map((image) => [image.base, image]));
  const bases = new Set([...paths.keys(), ...segments.map(({ address }) => address)]);
  const images: MachImage[] = [];
  let ranges = 0;
  for (const base of bases) {
    if (images.length >= MAX_IMAGES || ranges >= MAX_RANGES) break;
    const image = readImage(memory, base, paths.get(base));
    if (image === undefined) continue;
    images.push(image);
    ranges += image.ranges.length;
  }
  return images;
}

function readImage(memory: Memory, base: bigint, listed: ListedImage | undefined): MachImage | undefined {
  const header = readMachHeader(memory.read(base, HEADER_MAX));
  if (header === undefined || !KINDS.has(header.filetype)) return listed && { ...listed, ranges: [] };
  const start = base + BigInt(header.size);
  const bytes = memory.read(start, Math.min(header.sizeofcmds, MAX_COMMANDS));
  const { commands } = splitCommands(bytes, header, 0);
  const segments = commands.flatMap((command) => readSegment(command) ?? []);
  const text = segments.find(({ name }) => name === '__TEXT')?.vmaddr ?? base;
  const buildId = listed?.buildId ?? uuidOf(commands);
  return definedFields({
    path: listed?.path ?? nameOf(commands) ?? (header.filetype === MH.EXECUTE ? 'main executable' : 'image'),
    base,
    buildId,
    ranges: segments.filter(isOwn).map(({ vmaddr, vmsize }) => rangeAt(vmaddr - text + base, vmsize)),
  });
}

/** All images of the shared cache share one __LINKEDIT; __PAGEZERO is not memory. */
function isOwn({ name, vmsize }: MachSegment): boolean {
  return name !== '__LINKEDIT' && name !== '__PAGEZERO' && vmsize > 0n && vmsize < 2n ** 40n;
}

function rangeAt(address: bigint, size: bigint): { start: bigint; end: bigint } {
  const start = BigInt.asUintN(64, address);
  return { start, end: start + size };
}

/** LC_ID_DYLIB: u32 @8 is the offset of the name in the command. */
function nameOf(commands: readonly LoadCommand[]): string | undefined {
  const fields = commands.find(({ cmd }) => cmd === LC.ID_DYLIB)?.fields;
  if (fields === undefined || fields.length < 12) return undefined;
  return decodeCString(fields.bytes.subarray(fields.u32(8)).subarray(0, MAX_PATH));
}

function uuidOf(commands: readonly LoadCommand[]): string | undefined {
  const fields = commands.find(({ cmd }) => cmd === LC.UUID)?.fields;
  return fields === undefined || fields.length < 24
    ? undefined
    : Buffer.from(fields.slice(8, 16)).toString('hex');
}

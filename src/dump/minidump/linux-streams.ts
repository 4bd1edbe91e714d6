import type { FileSpan } from '../file-spans.js';
import { decodeCString, decodeText } from '../text.js';
import { type Directory, StreamType } from './directory.js';
import type { MinidumpFile } from './file.js';
import type { MemoryRange } from './memory-info.js';

/** Entries of /proc files that are read; a process cannot have more mappings by default. */
const MAX_ENTRIES = 2 ** 17;
const MAX_NAME = 256;

/** Each variable of Breakpad's copy of /proc/PID/environ, as a span with the variable's name. */
export function environmentSpans(file: MinidumpFile, { streams }: Directory): FileSpan[] {
  const stream = streams.get(StreamType.LinuxEnviron);
  if (stream === undefined) return [];
  const spans: FileSpan[] = [];
  const { bytes } = file.fields(stream);
  for (let at = 0; at < bytes.length && spans.length < MAX_ENTRIES; ) {
    const nul = bytes.indexOf(0, at);
    const end = nul < 0 ? bytes.length : nul + 1;
    const head = bytes.subarray(at, Math.min(end, at + MAX_NAME));
    const equals = head.indexOf(0x3d);
    const name = equals > 0 ? { name: decodeText(head.subarray(0, equals)) } : {};
    spans.push({ offset: stream.rva + at, length: end - at, region: { kind: 'environment', ...name } });
    at = end;
  }
  return spans;
}

/** Breakpad's copy of /proc/PID/cmdline: the span, and the arguments joined by spaces. */
export function commandLine(
  file: MinidumpFile,
  { streams }: Directory,
): { span?: FileSpan; command?: string } {
  const stream = streams.get(StreamType.LinuxCmdLine);
  if (stream === undefined) return {};
  const { bytes } = file.fields(stream);
  const command = decodeText(bytes).replaceAll('\0', ' ').trimEnd();
  return {
    span: { offset: stream.rva, length: stream.size, region: { kind: 'argv' } },
    ...(command === '' ? {} : { command }),
  };
}

/** Breakpad's copy of /proc/PID/maps: what is anonymous and writable, and what a file backs. */
export function linuxMaps(file: MinidumpFile, { streams }: Directory): MemoryRange[] {
  const stream = streams.get(StreamType.LinuxMaps);
  if (stream === undefined) return [];
  const lines = decodeCString(file.fields(stream).bytes).split('\n', MAX_ENTRIES);
  return lines.flatMap((line) => {
    const match = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) (.{4}) \S+ \S+ \d+ *(.*)$/.exec(line);
    if (match === null) return [];
    const [, start, end, rights, path] = match as unknown as [string, string, string, string, string];
    const anonymous = path === '' || path.startsWith('[heap') || path.startsWith('[anon');
    const heap = anonymous && rights.includes('w');
    return [
      {
        start: BigInt(`0x${start}`),
        end: BigInt(`0x${end}`),
        region: heap
          ? ({ kind: 'heap' } as const)
          : { kind: 'mapping' as const, ...(path ? { name: path } : {}) },
      },
    ];
  });
}

import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { auxv, buildStack, Writer } from './build-elf.js';
import {
  ARCHITECTURES,
  MinidumpBuilder,
  memoryList,
  PLATFORM,
  STREAM,
  systemInfo,
  threadList,
} from './build-minidump.js';

const STACK = 0x7fff0000n;

describe('a minidump by Crashpad on Linux, which copies no auxiliary vector,', () => {
  const PID = 4711;
  const argv = ['/opt/app', '--key=a'];
  const environment = ['HOME=/root', 'TOKEN=a=b'];

  interface StackChange {
    platform?: number;
    id?: number;
    change?: (bytes: Buffer) => void;
  }

  /** A dump of a main thread's stack, laid out by Linux; `change` may damage it. */
  function stackDump(
    [name, bits]: ['x86' | 'amd64', 32 | 64],
    { platform = PLATFORM.linux, id = PID, change }: StackChange,
  ) {
    const kind = { bits, endian: 'le', machine: bits === 64 ? 62 : 3 } as const;
    const vector = (execfn: bigint) =>
      auxv(kind, [
        [33, 0x7fff1000n],
        [6, 4096n],
        [31, execfn],
        [15, 0x7fff2000n],
      ]);
    const stack = buildStack(kind, STACK, 256, argv, environment, '/opt/app', vector);
    change?.(stack.bytes);
    const b = new MinidumpBuilder();
    const range = { address: STACK, size: stack.bytes.length, rva: b.put(stack.bytes) };
    const thread = { id, stack: range, context: { rva: 0, size: 0 } };
    const bytes = b
      .stream(STREAM.system, systemInfo(ARCHITECTURES[name].number, platform))
      .stream(STREAM.misc, new Writer('le').u32(24, 1, PID, 0, 0, 0).done())
      .stream(STREAM.threads, threadList([thread]))
      .stream(STREAM.memory, memoryList([range]))
      .done();
    const dump = openDump(bufferReader(bytes));
    return (text: string, index = 0) =>
      dump.locate(range.rva + Number(stack.strings.get(text)! - STACK) + index).region;
  }

  const AMD64: ['amd64', 64] = ['amd64', 64];
  const onStack = { kind: 'stack', thread: PID };

  test.each([[AMD64], [['x86', 32] as ['x86', 32]]])(
    '%j: its arguments and environment are found from the end',
    (kind) => {
      const region = stackDump(kind, {});
      expect(region('--key=a', 3)).toEqual({ kind: 'argv' });
      expect(region('HOME=/root')).toEqual({ kind: 'environment', name: 'HOME' });
      expect(region('TOKEN=a=b', 8)).toEqual({ kind: 'environment', name: 'TOKEN' });
      expect(region('/opt/app')).toEqual(onStack);
    },
  );

  test.each<[name: string, change: StackChange, expected: unknown]>([
    ['of another thread', { id: PID + 1 }, { kind: 'stack', thread: PID + 1 }],
    ['of another system', { platform: PLATFORM.mac }, onStack],
    ['that continues after the path', { change: (bytes) => bytes.fill(1, bytes.length - 1) }, onStack],
    ['that is cut before its end', { change: (bytes) => bytes.fill(0, bytes.length - 40) }, onStack],
    ['whose vector names another place', { change: (bytes) => bytes.fill(7, 256, 400) }, onStack],
  ])('a stack %s stays a stack', (_, change, expected) => {
    expect(stackDump(AMD64, change)('TOKEN=a=b')).toEqual(expected);
  });
});

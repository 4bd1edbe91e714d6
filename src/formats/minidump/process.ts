import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { ProcessFacts } from '../../core/model/report.js';
import { EM } from '../elf/machines.js';
import { linuxSignal } from '../elf/signals.js';
import { type Architecture, architecture } from './architecture.js';
import { type Directory, StreamType } from './directory.js';
import type { MinidumpFile } from './file.js';

/** PlatformId of MINIDUMP_SYSTEM_INFO: Windows below 0x8000, else Breakpad's numbers. */
export type Platform = 'windows' | 'linux' | 'mac' | 'other';

const PLATFORMS: Readonly<Record<number, Platform>> = {
  0: 'windows',
  1: 'windows',
  2: 'windows',
  3: 'windows',
  33025: 'mac',
  33026: 'mac',
  33281: 'linux',
  33283: 'linux',
};

interface SystemFacts {
  machine?: Architecture;
  platform: Platform;
}

/** SystemInfoStream. */
export function readSystem(file: MinidumpFile, { streams }: Directory): SystemFacts {
  const stream = streams.get(StreamType.SystemInfoStream);
  const fields = stream && file.fields(stream);
  if (fields === undefined || fields.length < 24) return { platform: 'other' };
  const machine = architecture(fields.u16(0));
  const platform = PLATFORMS[fields.u32(20)] ?? 'other';
  return definedFields({ machine, platform });
}

/**
 * Exception codes of crashes on Windows (ntstatus.h) and Mach exceptions (mach/exception_types.h). For a dump
 * requested without a crash, Breakpad and Crashpad define codes (minidump_exception_win32.h, _mac.h,
 * _linux.h).
 */
const WINDOWS: Readonly<Record<number, string>> = {
  85436397: 'DUMP_REQUESTED',
  2147483651: 'EXCEPTION_BREAKPOINT',
  2147483652: 'EXCEPTION_SINGLE_STEP',
  3221225477: 'EXCEPTION_ACCESS_VIOLATION',
  3221225478: 'EXCEPTION_IN_PAGE_ERROR',
  3221225480: 'EXCEPTION_INVALID_HANDLE',
  3221225485: 'STATUS_INVALID_PARAMETER',
  3221225501: 'EXCEPTION_ILLEGAL_INSTRUCTION',
  3221225620: 'EXCEPTION_INT_DIVIDE_BY_ZERO',
  3221225725: 'EXCEPTION_STACK_OVERFLOW',
  3221226356: 'STATUS_HEAP_CORRUPTION',
  3221226505: 'STATUS_STACK_BUFFER_OVERRUN',
  3765269347: 'C++ exception',
};
const MACH: Readonly<Record<number, string>> = {
  1: 'EXC_BAD_ACCESS',
  2: 'EXC_BAD_INSTRUCTION',
  3: 'EXC_ARITHMETIC',
  5: 'EXC_SOFTWARE',
  6: 'EXC_BREAKPOINT',
  10: 'EXC_CRASH',
  11: 'EXC_RESOURCE',
  12: 'EXC_GUARD',
  1129345912: 'DUMP_REQUESTED',
};

/** On Linux, Breakpad, Crashpad and lldb write the signal number as exception code. */
const EXCEPTION_NAMES: Readonly<Record<Platform, (code: number) => string | undefined>> = {
  windows: (code) => WINDOWS[code],
  mac: (code) => MACH[code],
  linux: (code) => (code === 0xffffffff ? 'DUMP_REQUESTED' : linuxSignal(code, { machine: EM.X86_64 })),
  other: () => undefined,
};

/** MISC1_PROCESS_ID of MINIDUMP_MISC_INFO.Flags1. */
const MISC1_PROCESS_ID = 1;

/**
 * Process id and exception, from MiscInfoStream (or Breakpad's copy of /proc/PID/status) and ExceptionStream.
 */
export function readProcess(file: MinidumpFile, { streams }: Directory, platform: Platform): ProcessFacts {
  const stream = (type: number): FieldReader | undefined => {
    const found = streams.get(type);
    return found && file.fields(found);
  };
  const pid = miscPid(stream(StreamType.MiscInfoStream)) ?? statusPid(stream(StreamType.LinuxProcStatus));
  return {
    ...definedFields({ pid }),
    ...exception(stream(StreamType.ExceptionStream), platform),
  };
}

function miscPid(misc: FieldReader | undefined): number | undefined {
  if (misc === undefined || misc.length < 12 || (misc.u32(4) & MISC1_PROCESS_ID) === 0) return undefined;
  return misc.u32(8);
}

function statusPid(status: FieldReader | undefined): number | undefined {
  const match = status && /^Pid:\s*(\d{1,10})$/m.exec(Buffer.from(status.bytes).toString('latin1'));
  return match ? Number(match[1]) : undefined;
}

/** MINIDUMP_EXCEPTION_STREAM: ThreadId, padding, then MINIDUMP_EXCEPTION, which begins with ExceptionCode. */
function exception(stream: FieldReader | undefined, platform: Platform): ProcessFacts {
  if (stream === undefined || stream.length < 12) return {};
  const signal = stream.u32(8);
  if (signal === 0) return {};
  const signalName = EXCEPTION_NAMES[platform](signal);
  return definedFields({ signal, signalName });
}

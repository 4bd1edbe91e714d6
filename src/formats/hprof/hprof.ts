import type { Reader } from '../../base/bytes/storage.js';
import type { Warning } from '../../base/runtime/warnings.js';
import type { ProcessFacts } from '../../model/report.js';
import { readBytes } from '../memory/read.js';
import type { DumpFormat, ParsedDump } from '../memory/types.js';
import { rawDump } from '../raw/raw.js';
import { arrayAround } from './arrays.js';
import { HprofFile } from './file.js';
import { type HprofHeader, readHeader, versionOf } from './header.js';
import { HprofRegions } from './regions.js';
import { readSummary } from './summary.js';
import { textStarts } from './text-starts.js';
import { warnings } from './warnings.js';

/** The latest time of a Date, in milliseconds since 1970. */
const LAST_DATE = 8_640_000_000_000_000n;
const HEAD = 64;

/** Heap dump of a JVM (jmap, HeapDumpOnOutOfMemoryError, HPROF agents) or of Android's runtime. */
export const hprof: DumpFormat = {
  name: 'hprof',
  probe: (head) => versionOf(head) !== undefined,
  open(reader) {
    const header = readHeader(readBytes(reader, 0, HEAD));
    return header === undefined ? rawDump([withoutHeader(reader)]) : openHprof(reader, header);
  },
  warnings,
};

/** Objects have identifiers, not addresses: there are no segments. */
function openHprof(reader: Reader, header: HprofHeader): ParsedDump {
  const file = new HprofFile(reader, header);
  const contents = readSummary(file);
  const regions = new HprofRegions(file, contents);
  const process: ProcessFacts = {
    ...contents.threads,
    bits: header.idSize === 4 ? 32 : 64,
    ...(header.time > 0n && header.time <= LAST_DATE
      ? { dumpedAt: new Date(Number(header.time)).toISOString() }
      : {}),
  };
  return {
    ...rawDump(contents.warnings),
    process,
    locate: (offset) => ({ region: regions.regionAt(offset) }),
    startsText: (offset) => regions.startsText(offset),
    textStarts: (wanted) => textStarts(file, contents.checkpoints, wanted),
    arrayAround: (extent) => arrayAround(file, extent),
    completeNames: () => regions.completeNames(),
  };
}

function withoutHeader({ length }: Reader): Warning {
  const message =
    'the header of this heap dump is cut or damaged: swept as plain bytes, without classes and fields';
  return warnings.of('format-not-parsed', { message, hint: 'get a whole copy', offset: 0, length });
}

// Extracts candidate numbers from runs of random-looking words; the number search keeps the records.
// WebAssembly without SIMD and without static data: it shares the memory of the sweep kernel or of the number
// search.
//   batch.as.ts         all runs of a chunk
//   piece.as.ts         one piece of a run
//   gate.as.ts          the randomness test: scores and distinct bytes
//   windows.as.ts       windows that may be a whole RSA integer
//   own.as.ts           such integers that fill a run, at any byte and of any length
//   odd.as.ts           the same with a length that is not a multiple of 128 bits
//   digits.as.ts        big integers stored as digits
//   scalars.as.ts       numbers of a curve's size
//   curve-digits.as.ts  the same stored as digits
//   points.as.ts        uncompressed points
// The host is src/sweep/runs/extractor.ts.

import { begins, bytesKept, bytesOut, extractRuns, runsLeft } from './batch.as';
import { looksRandomIn, setGate } from './gate.as';
import { setOdd } from './odd.as';
import { setOwn } from './own.as';
import { extract } from './piece.as';
import { setWindows } from './windows.as';

export { begins, bytesKept, bytesOut, extract, extractRuns, runsLeft };
export { looksRandomIn, setGate, setOdd, setOwn, setWindows };

import { rangeHeader } from '../../../core/base/bytes/memory-range.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { type ContainerDecoder, type DecodeReport, reportLost, warnings } from '../decoding/decoder.js';
import type { DecoderInput } from '../decoding/input.js';

/**
 * Breakpad microdumps (microdump_writer.cc): lines of text, mostly from Android's
 * log, which adds a prefix to each. `S 0 SP START SIZE` (all hexadecimal) begins
 * a stack; `S ADDRESS BYTES` lines follow, of about 384 bytes each.
 */
const BEGIN = '-----BEGIN BREAKPAD MICRODUMP-----';
const END = '-----END BREAKPAD MICRODUMP-----';
const STACK = /(?:^|[\s:])S 0 [0-9A-Fa-f]{1,16} ([0-9A-Fa-f]{1,16}) ([0-9A-Fa-f]{1,16})\s*$/;
const LINE = /(?:^|[\s:])S ([0-9A-Fa-f]{1,16}) ((?:[0-9A-Fa-f]{2})+)\s*$/;
/** A line of a stack that is cut off, or has invalid characters. */
const BROKEN = /(?:^|[\s:])S [0-9A-Fa-f]{1,16} [0-9A-Fa-f]/;

/** The marker must be in these first bytes, after printable characters only. */
const HEAD = 4096;
/** Upper bound on the bytes of a line; a longer one within a microdump is lost. */
const LONGEST = 64 * 1024;
const NEWLINE = 10;
/** Bytes of a stack after which a range is yielded; a microdump has about 32 KiB of stack. */
const RANGE = 1024 * 1024;

export function isMicrodump(reader: ByteReader): boolean {
  const head = Buffer.alloc(Math.min(HEAD, reader.length));
  const at = head.subarray(0, reader.read(0, head)).indexOf(BEGIN, 0, 'latin1');
  return at >= 0 && /^[\t\r\n -~]*$/.test(head.toString('latin1', 0, at));
}

/** Decodes the stacks of all microdumps in a text to ranges of memory, each with its address. */
export const readMicrodump: ContainerDecoder = async function* (input, report) {
  report.name = Buffer.from('stack');
  const stacks = new Stacks(report);
  for (const { text, whole } of lines(input)) yield* stacks.take(text, whole);
  yield* stacks.finish();
};

class Stacks {
  readonly #report: DecodeReport;
  #inside = false;
  #hasLost = false;
  /** Address of the first pending byte. */
  #address = 0n;
  #pending: Buffer[] = [];
  #length = 0;
  /** Address of the end of the stack, from its first line. */
  #end = 0n;

  constructor(report: DecodeReport) {
    this.#report = report;
  }

  *take(line: string, whole: boolean): Generator<Uint8Array> {
    if (line.includes(BEGIN)) {
      if (this.#inside) this.#lose();
      this.#inside = true;
      this.#close();
    } else if (line.includes(END)) {
      this.#inside = false;
      this.#close();
    } else if (this.#inside) {
      if (!whole) this.#lose();
      yield* this.#data(line);
    }
  }

  /** Ends the current stack. */
  #close(): void {
    if (this.#address + BigInt(this.#length) < this.#end) this.#lose();
    this.#end = 0n;
  }

  *#data(line: string): Generator<Uint8Array> {
    const [, start, size] = STACK.exec(line) ?? [];
    if (start !== undefined && size !== undefined) {
      this.#close();
      yield* this.#flush(BigInt(`0x${start}`));
      this.#end = this.#address + BigInt(`0x${size}`);
      return;
    }
    const [, digits, hex] = LINE.exec(line) ?? [];
    if (digits === undefined || hex === undefined) {
      if (BROKEN.test(line)) this.#lose();
      return;
    }
    const address = BigInt(`0x${digits}`);
    const next = this.#address + BigInt(this.#length);
    // Android's log drops lines under load.
    if (address !== next) this.#lose();
    if (address !== next || this.#length >= RANGE) yield* this.#flush(address);
    const bytes = Buffer.from(hex, 'hex');
    this.#pending.push(bytes);
    this.#length += bytes.length;
  }

  /** Yields the pending bytes; the next ones begin at `address`. */
  *#flush(address: bigint): Generator<Uint8Array> {
    if (this.#length > 0) {
      yield Buffer.concat([rangeHeader({ address: this.#address, length: this.#length }), ...this.#pending]);
    }
    this.#address = address;
    this.#pending = [];
    this.#length = 0;
  }

  #lose(): void {
    if (this.#hasLost) return;
    this.#hasLost = true;
    reportLost(
      this.#report,
      warnings.of('microdump-lines-missing', {
        message: 'lines of the stack are missing or cut off: their bytes were not searched',
        hint: 'get the log again, from a larger buffer (adb logcat -G 16M)',
      }),
    );
  }

  *finish(): Generator<Uint8Array> {
    this.#close();
    yield* this.#flush(0n);
    if (this.#inside) this.#lose();
  }
}

/** Lines without line ends; a line that is too long is cut, with `whole` false. */
function* lines(input: DecoderInput): Generator<{ text: string; whole: boolean }> {
  for (;;) {
    const bytes = input.peek(LONGEST);
    if (bytes.length === 0) return;
    const end = bytes.indexOf(NEWLINE);
    const length = end < 0 ? bytes.length : end;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
    const whole = end >= 0 || bytes.length < LONGEST;
    skipLine(input);
    yield { text, whole };
  }
}

function skipLine(input: DecoderInput): void {
  for (let bytes = input.peek(LONGEST); bytes.length > 0; bytes = input.peek(LONGEST)) {
    const end = bytes.indexOf(NEWLINE);
    input.skip(end < 0 ? bytes.length : end + 1);
    if (end >= 0) return;
  }
}

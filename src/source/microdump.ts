import { rangeHeader } from '../base/bytes/memory-range.js';
import type { Reader } from '../base/bytes/storage.js';
import { type Account, type Decoder, lose } from './decoder.js';
import type { Input } from './input.js';
import { warnings } from './warnings.js';

/**
 * Breakpad microdumps (microdump_writer.cc): lines of text, mostly from Android's log, where each has a prefix.
 * `S 0 SP START SIZE` (all hexadecimal) begins a stack, `S ADDRESS BYTES` goes on with it, some 384 bytes a line.
 */
const BEGIN = '-----BEGIN BREAKPAD MICRODUMP-----';
const END = '-----END BREAKPAD MICRODUMP-----';
const STACK = /(?:^|[\s:])S 0 [0-9A-Fa-f]{1,16} ([0-9A-Fa-f]{1,16}) ([0-9A-Fa-f]{1,16})\s*$/;
const LINE = /(?:^|[\s:])S ([0-9A-Fa-f]{1,16}) ((?:[0-9A-Fa-f]{2})+)\s*$/;
/** A line of a stack that was cut, or has other characters in it. */
const BROKEN = /(?:^|[\s:])S [0-9A-Fa-f]{1,16} [0-9A-Fa-f]/;

/** Where the marker must stand, behind nothing but printable characters. */
const HEAD = 4096;
/** A longer line is none of a microdump: inside of one it is lost. */
const LONGEST = 64 * 1024;
const NEWLINE = 10;
/** Bytes of a stack that are kept before they are handed out as a range; a microdump has some 32 KiB of stack. */
const RANGE = 1024 * 1024;

export function isMicrodump(reader: Reader): boolean {
  const head = Buffer.alloc(HEAD);
  const text = head.toString('latin1', 0, reader.read(0, head));
  const at = text.indexOf(BEGIN);
  return at >= 0 && /^[\t\r\n -~]*$/.test(text.slice(0, at));
}

/** The stacks of all microdumps in a text, as the bytes that they were, each stretch behind its address. */
export const readMicrodump: Decoder = async function* (input, account) {
  account.name = Buffer.from('stack');
  const stacks = new Stacks(account);
  for (const { text, whole } of lines(input)) yield* stacks.take(text, whole);
  yield* stacks.finish();
};

class Stacks {
  readonly #account: Account;
  #inside = false;
  #lost = false;
  /** Where the bytes that are kept begin. */
  #address = 0n;
  #kept: Buffer[] = [];
  #length = 0;
  /** Where the stack ends, by its own first line. */
  #end = 0n;

  constructor(account: Account) {
    this.#account = account;
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

  /** No more of this stack will come. */
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
    // A log drops lines under load.
    if (address !== next) this.#lose();
    if (address !== next || this.#length >= RANGE) yield* this.#flush(address);
    const bytes = Buffer.from(hex, 'hex');
    this.#kept.push(bytes);
    this.#length += bytes.length;
  }

  /** Hands out what is kept; what follows begins at `address`. */
  *#flush(address: bigint): Generator<Uint8Array> {
    if (this.#length > 0) {
      yield Buffer.concat([rangeHeader({ address: this.#address, length: this.#length }), ...this.#kept]);
    }
    this.#address = address;
    this.#kept = [];
    this.#length = 0;
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    lose(
      this.#account,
      warnings.of('microdump-lines-missing', {
        message: 'lines of the stack are missing or cut: the bytes that they held were not searched',
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

/** Lines without their ends; of one that is too long, its front, and that it is not whole. */
function* lines(input: Input): Generator<{ text: string; whole: boolean }> {
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

function skipLine(input: Input): void {
  for (let bytes = input.peek(LONGEST); bytes.length > 0; bytes = input.peek(LONGEST)) {
    const end = bytes.indexOf(NEWLINE);
    input.skip(end < 0 ? bytes.length : end + 1);
    if (end >= 0) return;
  }
}

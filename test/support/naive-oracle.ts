/**
 * Decodes the whole text of a report in every way that it knows, and compares all windows of the secrets. It
 * shares no code with the masker and has no idea where an encoding begins.
 */

/** Bytes of a secret that no text may show in a row. */
const WINDOW = 12;
const HEADS = 1 << 16;
const headOf = (text: string, at: number): number =>
  (text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 4) ^ (text.charCodeAt(at + 2) << 8)) & (HEADS - 1);

const XML: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const code = (digits: string, radix: number): string =>
  String.fromCharCode(Number.parseInt(digits, radix) & 0xff);

/** One layer of escapes of any kind. */
const unescaped = (text: string): string =>
  text
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => XML[name]!)
    .replace(/&#x([0-9a-f]+);/gi, (_, digits: string) => code(digits, 16))
    .replace(/&#(\d+);/g, (_, digits: string) => code(digits, 10))
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) => code(digits, 16))
    .replace(
      /\\(?:x([0-9a-f]{2})|u\{?00([0-9a-f]{2})\}?|([0-3][0-7]{2})|(.))/gi,
      (_, x?: string, u?: string, octal?: string, other = '') =>
        x || u ? code((x ?? u)!, 16) : octal ? code(octal, 8) : (CONTROL[other] ?? other),
    );

function* hexReadings(text: string): Generator<string> {
  const digits = text.replace(/0x/gi, '').replace(/[^0-9a-f]/gi, '');
  for (const skip of [0, 1]) yield Buffer.from(digits.slice(skip), 'hex').toString('latin1');
}

function* base64Readings(text: string): Generator<string> {
  for (const others of [/[^A-Za-z0-9+/]/g, /[^A-Za-z0-9_-]/g, /[^A-Za-z0-9+]/g, /[^A-Za-z0-9-]/g]) {
    const digits = text.replace(others, '');
    for (let skip = 0; skip < 4; skip++) yield Buffer.from(digits.slice(skip), 'base64').toString('latin1');
  }
}

function* numberReadings(text: string): Generator<string> {
  yield (text.match(/\d+/g) ?? []).map((number) => (number.length < 4 ? code(number, 10) : '')).join('');
  for (const [digits] of text.matchAll(/\d{37,}/g)) {
    const hex = BigInt(digits).toString(16);
    yield Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('latin1');
  }
}

const decoded = (text: string): string[] => [
  ...hexReadings(text),
  ...base64Readings(text),
  ...numberReadings(text),
];

/** Texts inside decoded bytes, on lines of their own. */
const textsIn = (bytes: string): string =>
  (bytes.replaceAll('\0', '').match(/[\x20-\x7e\r\n\t]{12,}/g) ?? []).join('\n');

/** All readings of a text, two encodings deep. */
function* readings(text: string): Generator<string> {
  const escapes = [text];
  for (let i = 0; i < 3; i++) escapes.push(unescaped(escapes.at(-1)!));
  for (const each of new Set(escapes)) {
    yield each;
    yield each.replaceAll('\0', '');
    yield each.replace(/[^A-Za-z0-9]/g, '');
    for (const outer of decoded(each)) {
      yield outer;
      const inner = textsIn(outer);
      if (inner === '') continue;
      yield inner;
      yield unescaped(inner);
      yield* decoded(inner);
    }
  }
}

/** Indices of the secrets of which `text` shows a part. */
export function shownSecrets(secrets: readonly Buffer[], text: string): number[] {
  const heads = new Uint8Array(HEADS);
  const owners = new Map<string, number>();
  const add = (bytes: string, index: number): void => {
    for (let at = 0; at + WINDOW <= bytes.length; at++) {
      owners.set(bytes.slice(at, at + WINDOW), index);
      heads[headOf(bytes, at)] = 1;
    }
  };
  for (const [index, secret] of secrets.entries()) {
    const bytes = secret.toString('latin1');
    add(bytes, index);
    add([...bytes].reverse().join(''), index);
    const isText = !/[^\x20-\x7e]/.test(bytes);
    if (isText) add(bytes.replace(/[^A-Za-z0-9]/g, ''), index);
  }
  const shown = new Set<number>();
  for (const reading of readings(text))
    for (let at = 0; at + WINDOW <= reading.length; at++) {
      if (heads[headOf(reading, at)] === 0) continue;
      const owner = owners.get(reading.slice(at, at + WINDOW));
      if (owner !== undefined) shown.add(owner);
    }
  return [...shown];
}

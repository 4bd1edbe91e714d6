import type { View } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import { NarrowedRun } from '../../sweep/values/narrow.js';
import { type Tables, unpackTables } from '../../sweep/values/tables.js';
import { ValueJoin } from '../../sweep/values/value-join.js';
import { CONTEXT } from '../../sweep/values/value-run.js';
import type { SecretCandidate } from '../core/types.js';
import { textRun } from '../values/text-run.js';

/**
 * Letters of a name: shorter ones are parts of too many words. Up to `whole` it must be a whole word, in one
 * case: `3AWs3` is in random values.
 */
const NAME = { least: 3, whole: 5 };
const HOST = /https?:\/\/([^/\s]+)/g;
/** Hosts of documents of others. */
const CODE_HOSTS: ReadonlySet<string> = new Set(['github', 'gitlab']);

/** A pattern of a text that matches it in upper and lower case. */
const inAnyCase = (text: string): string =>
  text.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const issuers = new WeakMap<Rule, RegExp>();

/** Names of the issuer of a rule's tokens: the first word of its id, and the domains of its references. */
function issuerNames({ id, references }: Rule): string[] {
  const domains = references.flatMap((url) =>
    Array.from(url.matchAll(HOST), ([, host]) => host!.split('.').at(-2)?.toLowerCase() ?? ''),
  );
  const names = [id.split('-')[0]!, ...domains.filter((name) => !CODE_HOSTS.has(name))];
  return [...new Set(names)].filter((name) => name.length >= NAME.least);
}

/** Matches a name of the issuer where no letter precedes it: `YANDEX_KEY`, `storage.yandexcloud.net`. */
function issuerOf(rule: Rule): RegExp {
  const known = issuers.get(rule);
  if (known !== undefined) return known;
  const names = issuerNames(rule).map((name) => {
    const spelt = name.replace(/[^a-z0-9]/g, '\\$&');
    if (name.length > NAME.whole) return `(?<![A-Za-z])${inAnyCase(spelt)}`;
    const cases = [spelt, spelt.toUpperCase(), spelt[0]!.toUpperCase() + spelt.slice(1)];
    return `(?<![A-Za-z0-9])(?:${cases.join('|')})(?![A-Za-z0-9])`;
  });
  const made = new RegExp(names.join('|') || '(?!)');
  issuers.set(rule, made);
  return made;
}

/** Looks for evidence beside a value that it is a secret, other than its own characters. */
export class EvidenceNear {
  readonly #packed: SharedArrayBuffer | undefined;
  readonly #join = new ValueJoin();
  readonly #narrowed = new NarrowedRun();
  #tables: Tables | undefined;

  /** `names`: the tables of names (values/tables.ts) of the rules in use, packed. */
  constructor(names: SharedArrayBuffer | undefined) {
    this.#packed = names;
  }

  /** True if a name of a secret is beside the candidate, or its issuer's name or host near it. */
  has({ rule, offset, length, wide }: SecretCandidate, view: View): boolean {
    const stride = wide === undefined ? 1 : 2;
    const window = view.window(offset, stride * CONTEXT, length + stride * CONTEXT, 'memory');
    const at = window.at + (wide === 'be' ? 1 : 0);
    const run = textRun({ ...window, bytes: window.bytes, at }, stride, this.#narrowed);
    if (run === undefined) return false;
    // The candidate itself is no evidence, and a run may hold more than it.
    const value = run.start + (at - run.at) / stride;
    const end = value + length / stride;
    const [before, after] = [run.text.subarray(0, value), run.text.subarray(end)];
    const issuer = issuerOf(rule);
    if ([before, after].some((text) => issuer.test(Buffer.from(text).toString('latin1')))) return true;
    if (this.#packed === undefined) return false;
    this.#tables ??= unpackTables(new Uint8Array(this.#packed));
    return this.#join.join(run.text, value, end, this.#tables)?.confidence === 'medium';
  }
}

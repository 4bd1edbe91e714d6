import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { OkpMaterial } from '../../core/model/key-material.js';
import { keyName, keyNames, mergeNames } from '../../core/model/key-names.js';
import type { Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import { Base64Run, base64Value } from '../core/base64-run.js';
import { candidate, describeEncrypted, describeMaterial, publicRecord } from '../core/candidate.js';
import { type Characters, Readings } from '../core/characters.js';
import { namesBeside } from '../core/names-beside.js';
import type { Detected, Detector, Hit, HitGroup } from '../core/types.js';
import { type HitWindow, reachOf, type WindowHit, windowsOf } from '../core/windows.js';
import { BIND_MAGIC, readBind } from './bind.js';
import { type Boundary, bodyBefore, boundaryAt, boundaryBefore, readBlock } from './pem-block.js';
import { type Content, readKeyBytes, readPrivateBlock, readPublicBlock, readTail } from './pem-body.js';
import { PUTTY_MAGIC, readPutty } from './putty.js';

/**
 * Keys as text: PEM as memory holds it (truncated, escaped, joined, in UTF-16), bare base64 of DER, and the
 * files of PuTTY, BIND, minisign and signify.
 */

/** Characters [start, stop) and the finding to be made of them. */
interface Match {
  start: number;
  stop: number;
  whole: boolean;
  make: (text: Characters) => Detected;
}

/** Characters of a key's base64 before the anchor; they contain its length: `MIIE` of `MIIEpAIBAAKCAQEA`. */
const MAX_BEFORE_ANCHOR = 12;

/** Matches every anchor of a boundary line and none of base64. */
const BOUNDARY = /[- ]|BEGIN|END|KEY|PRIVATE|CERTIFICATE/;

/** Anchors of formats other than PEM. */
const OTHER_FORMATS = { putty: /^PuTTY/, bind: /^Private-key|^PrivateKey|^Prime/, minisign: /^RW/ } as const;

type AnchorKind = 'boundary' | keyof typeof OTHER_FORMATS | 'base64';
const kinds = new WeakMap<Uint8Array, AnchorKind>();

function anchorKindOf({ anchor }: Hit): AnchorKind {
  let kind = kinds.get(anchor);
  if (kind === undefined) {
    const text = Buffer.from(anchor).toString('latin1');
    const [named] = Object.entries(OTHER_FORMATS).find(([, start]) => start.test(text)) ?? [];
    kind = (named as AnchorKind | undefined) ?? (BOUNDARY.test(text) ? 'boundary' : 'base64');
    kinds.set(anchor, kind);
  }
  return kind;
}

/**
 * The BEGIN line has lost so much that its label is unknown (`IVATE KEY-----`, when `free` has overwritten
 * the front). Its body is then read as bare base64.
 */
const isUnlabelled = ({ cut, label }: Boundary): boolean => cut && !label.includes('PRIVATE KEY');

interface BareRun {
  run: Base64Run;
  /** Starts before this character have been tried. */
  from: number;
}

/** Reads the hits of one window. */
class WindowReader {
  readonly #rule: Rule;
  readonly #window: Window;
  /** Bytes before this index belong to reported findings. */
  #covered = 0;
  /** Index of the previous hit. Nothing is read backwards beyond it, so that the total stays linear. */
  #last = 0;
  /** The last run of bare base64 by decoding: hits inside it share its bytes, and no start is tried twice. */
  readonly #runs = new Map<Characters, BareRun>();
  readonly #readings: Readings;

  constructor(rule: Rule, window: Window) {
    this.#rule = rule;
    this.#window = window;
    this.#readings = new Readings(window);
  }

  get leftWindow(): boolean {
    return this.#readings.leftWindow;
  }

  *read(hits: HitWindow['hits']): Iterable<Detected> {
    for (const hit of hits) {
      if (hit.at < this.#covered) continue;
      const found = this.#best(this.#readings.of(hit), hit);
      this.#last = hit.at;
      if (found === undefined) continue;
      this.#covered = found.text.byteOf(found.match.stop);
      yield found.match.make(found.text);
    }
  }

  /**
   * The best match of all decodings: whole before truncated, then the longer, then the likelier decoding. In
   * the wrong byte order a text lacks half of its last character.
   */
  #best(texts: readonly Characters[], hit: WindowHit): { text: Characters; match: Match } | undefined {
    let best: { text: Characters; match: Match } | undefined;
    const score = ({ whole, start, stop }: Match) => stop - start + (whole ? 2 ** 32 : 0);
    for (const text of texts) {
      const match = this.#matchAt(text, text.indexOf(hit.at), anchorKindOf(hit));
      if (match !== undefined && (best === undefined || score(match) > score(best.match)))
        best = { text, match };
    }
    return best;
  }

  #matchAt(text: Characters, at: number, kind: AnchorKind): Match | undefined {
    if (kind === 'putty') return text.has(PUTTY_MAGIC, at) ? this.#putty(text, at) : undefined;
    if (kind === 'bind') return this.#bind(text, at);
    if (kind === 'minisign') return this.#minisign(text, at);
    const boundary = kind === 'boundary' ? boundaryAt(text, at) : undefined;
    if (boundary?.kind === 'end') return this.#tail(text, boundary);
    const begin = boundary ?? boundaryBefore(text, at);
    if (begin?.kind === 'begin') {
      const block = this.#block(text, begin);
      if (block !== undefined || !isUnlabelled(begin)) return block;
    }
    return kind === 'base64' ? this.#bare(text, at) : undefined;
  }

  #block(text: Characters, begin: Boundary): Match | undefined {
    const block = readBlock(text, begin);
    if (block === undefined) return undefined;
    const { start, run, closed } = block;
    const secret = block.label.includes('PRIVATE KEY') ? readPrivateBlock(block) : undefined;
    if (secret !== undefined) {
      const stop = closed || !secret.whole ? block.stop : run.endOf(0, secret.used);
      const isArmoured = closed && secret.whole ? true : undefined;
      const names = mergeNames(secret.names, namesBeside(text, start, stop));
      return this.#match(start, stop, { ...secret, isArmoured, names }, 'pem');
    }
    const open = readPublicBlock(block);
    if (open === undefined) return undefined;
    const stop = closed ? block.stop : run.endOf(0, open.used);
    const make = (at: Characters) => {
      const [from, to] = this.#place(at, start, stop);
      const claim = open.claim && { ...open.claim, offset: this.#window.offsetOf(from) };
      return publicRecord(this.#window, [from, to], open.spki, open.certificate, { claim });
    };
    return { start, stop, whole: closed, make };
  }

  /** From an END line: the rest of a block, or all of it if a seam divides the anchor of its BEGIN line. */
  #tail(text: Characters, end: Boundary): Match | undefined {
    // The result depends on the hits before this one.
    text.leftWindow = true;
    const run = bodyBefore(text, end, text.indexOf(Math.max(this.#covered, this.#last)));
    const begin = run && boundaryBefore(text, run.start);
    if (begin?.kind === 'begin') {
      const block = this.#block(text, begin);
      if (block !== undefined || !isUnlabelled(begin)) return block;
    }
    const tail = run !== undefined && end.label.includes('PRIVATE KEY') ? readTail(run) : undefined;
    if (run === undefined || tail === undefined) return undefined;
    return this.#match(run.startOf(tail.first), end.next, tail, 'pem');
  }

  /** Base64 without boundary lines; the anchor is at its start or a few characters later. */
  #bare(text: Characters, at: number): Match | undefined {
    let bare = this.#runs.get(text);
    if (bare === undefined || at < bare.run.start || at >= bare.run.stop) {
      let start = at;
      while (start > at - MAX_BEFORE_ANCHOR && base64Value(text.code(start - 1)) >= 0) start--;
      bare = { run: new Base64Run(text, start), from: 0 };
      this.#runs.set(text, bare);
    }
    const { run } = bare;
    const last = run.ordinal(at);
    const from = Math.max(bare.from, last - MAX_BEFORE_ANCHOR);
    bare.from = Math.max(bare.from, last + 1);
    for (let first = from; first <= last; first++) {
      if (!run.mayStartKey(first)) continue;
      const content = readKeyBytes(run.decode(first));
      if (content === undefined) continue;
      bare.from = first + 1;
      // A BEGIN line without a hit: a seam divides its anchor.
      const begin = boundaryBefore(text, run.startOf(first));
      const block = begin?.kind === 'begin' ? this.#block(text, begin) : undefined;
      if (block !== undefined) return block;
      const stop = content.whole ? run.endOf(first, content.used) : run.stop;
      return this.#match(run.startOf(first), stop, content, run.url ? 'base64url' : 'base64');
    }
    return undefined;
  }

  #putty(text: Characters, at: number): Match | undefined {
    const read = readPutty(text, at);
    if (read === undefined) return undefined;
    const { material, ciphertext, algorithm, whole, evidence, notes, comment } = read;
    const names = keyNames([], keyName(comment));
    const content: Omit<Content, 'used'> =
      material === undefined
        ? { ...describeEncrypted(`encrypted PuTTY private key (${algorithm})`, ciphertext!), whole }
        : { ...describeMaterial(material, whole, notes), evidence, whole, names };
    return this.#match(at, read.stop, content, 'putty');
  }

  #bind(text: Characters, at: number): Match | undefined {
    const begins = text.has(BIND_MAGIC, at);
    // The result depends on the hits before this one.
    if (!begins) text.leftWindow = true;
    const floor = text.indexOf(Math.max(this.#covered, this.#last));
    const read = readBind(text, at, begins ? at : floor);
    if (read === undefined) return undefined;
    const { start, stop, whole, material } = read;
    return this.#match(start, stop, { ...describeMaterial(material, whole), whole }, 'bind');
  }

  #minisign(text: Characters, at: number): Match | undefined {
    const run = new Base64Run(text, at, Math.min(text.length, at + MINISIGN_TEXT));
    const read = readMinisign(run.decode(0));
    return read && this.#match(at, read.whole ? run.endOf(0, read.used) : run.stop, read, read.name);
  }

  #match(start: number, stop: number, content: Omit<Content, 'used'>, encoding: string): Match {
    const make = (text: Characters) => {
      const [from, to] = this.#place(text, start, stop);
      return candidate(this.#rule, this.#window, {
        ...content,
        start: from,
        end: to,
        encoding,
        wide: text.wide,
      });
    };
    return { start, stop, whole: content.whole, make };
  }

  /** Window indices of the characters [start, stop). */
  #place(text: Characters, start: number, stop: number): [number, number] {
    return [text.byteOf(start), text.byteOf(stop)];
  }
}

/** A PEM of RSA-16384 has 25 KB in UTF-16. `before`: for END lines whose BEGIN line is lost. */
const reach = { before: 8 * 1024, after: 32 * 1024 };

/** Enough for certificates, keys of every curve, most RSA keys, and BEGIN lines without a body. */
const near = { before: 512, after: 4096 };
/** Groups with more hits are read in one shared window. */
const FEW_HITS = 16;

/** Findings of one hit in a window of a few KB; undefined if they depend on bytes outside it. */
function examineNear({ rule, view, order }: HitGroup, hit: Hit): Detected[] | undefined {
  const window = view.window(hit.offset, near.before, near.after, order);
  if (window.extents(0, window.bytes.length).length > 1) return undefined;
  const reader = new WindowReader(rule, window);
  const found = [...reader.read([{ ...hit, at: window.at }])];
  return reader.leftWindow ? undefined : found;
}

function* examine(group: HitGroup): Iterable<Detected> {
  const far: Hit[] = [];
  let covered = 0;
  for (const hit of group.hits.length <= FEW_HITS ? group.hits : []) {
    if (hit.offset < covered) continue;
    const found = examineNear(group, hit);
    if (found === undefined) far.push(hit);
    for (const each of found ?? []) {
      covered = each.offset + each.length;
      yield each;
    }
  }
  const left = group.hits.length <= FEW_HITS ? far : group.hits;
  for (const { window, hits } of windowsOf({ ...group, hits: left }, reachOf(group.rule, reach)))
    yield* new WindowReader(group.rule, window).read(hits);
}

export const pem: Detector = { name: 'pem', reach, examine };

/**
 * Secret keys of minisign (src/minisign.h, SeckeyStruct) and of OpenBSD's signify (signify.c, struct enckey):
 * one line of base64 with the Ed25519 seed directly before its public key.
 */
interface Form {
  name: 'minisign' | 'signify';
  /** Constant start: the algorithm `Ed`, the key derivation, and the constants after it. */
  head: Buffer;
  /** Octets in total, and before the seed. */
  length: number;
  seed: number;
  encrypted: boolean;
}

const SEED = 32;
/** Longest text in characters: JSON may write each of 212 as a Unicode escape of six. */
const MINISIGN_TEXT = 6 * 212;
const head = (text: string, ...more: number[]) =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(more)]);

/** In order of precedence: without a passphrase, signify's round count is zero. */
const FORMS: readonly Form[] = [
  { name: 'minisign', head: head('Ed\0\0B2'), length: 158, seed: 62, encrypted: false },
  { name: 'minisign', head: head('EdScB2'), length: 158, seed: 62, encrypted: true },
  { name: 'signify', head: head('EdBK', 0, 0, 0, 0), length: 104, seed: 40, encrypted: false },
  { name: 'signify', head: head('EdBK'), length: 104, seed: 40, encrypted: true },
];

/** Reads the decoded base64; undefined if it is no such key or ends before the end of the seed. */
function readMinisign(bytes: Uint8Array): (Content & Pick<Form, 'name'>) | undefined {
  const form = FORMS.find(({ head }) => head.equals(bytes.subarray(0, head.length)));
  if (form === undefined || bytes.length < form.seed + SEED) return undefined;
  const { name, length, seed, encrypted } = form;
  const whole = bytes.length >= length;
  const used = Math.min(bytes.length, length);
  if (encrypted) {
    const found = describeEncrypted(`encrypted ${name} secret key`, bytes.slice(seed, used));
    return { name, ...found, whole, used };
  }
  const point = bytes.slice(seed + SEED, seed + 2 * SEED);
  const material: OkpMaterial = {
    type: 'okp',
    curve: 'Ed25519',
    seed: new Secret(bytes.slice(seed, seed + SEED)),
    ...definedFields({ public: point.length === SEED ? point : undefined }),
  };
  return { name, ...describeMaterial(material, whole), whole, used };
}

import { Secret } from '../../base/crypto/secret.js';
import type { Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import { Base64Run, base64Value } from '../core/base64-run.js';
import { candidate, describeMaterial, publicRecord } from '../core/candidate.js';
import { type Characters, Readings } from '../core/characters.js';
import type { Detected, Detector, Hit, HitGroup } from '../core/types.js';
import { type PlacedHit, reachOf, type Served, serve } from '../core/windows.js';
import { BIND_MAGIC, readBind } from './bind.js';
import { MINISIGN_TEXT, readMinisign } from './minisign.js';
import { type Boundary, bodyBefore, boundaryAt, boundaryBefore, readBlock } from './pem-block.js';
import { type Content, readKeyBytes, readPrivateBlock, readPublicBlock, readTail } from './pem-body.js';
import { PUTTY_MAGIC, readPutty } from './putty.js';

/** Private and public keys as text: PEM in all the shapes that memory gives it, base64 of DER without its lines, PuTTY's, BIND's, minisign's and signify's files. */

/** Text that is one thing: characters [start, stop) and what to report. */
interface Piece {
  start: number;
  stop: number;
  whole: boolean;
  make: (text: Characters) => Detected;
}

/** Characters from the front of a key's base64 to the part that its length does not change: `MIIEpAIBAAKCAQEA`, `MIGHAgEAMBMG`. */
const ANCHOR_IN = 12;

/** In anchors of boundary lines, and in none of base64. */
const BOUNDARY = /[- ]|BEGIN|END|KEY|PRIVATE|CERTIFICATE/;

/** Anchors of files that are no PEM. */
const NAMED = { putty: /^PuTTY/, bind: /^Private-key|^PrivateKey|^Prime/, minisign: /^RW/ } as const;

type Kind = 'boundary' | keyof typeof NAMED | 'base64';
const kinds = new WeakMap<Uint8Array, Kind>();

/** What the anchor of a hit is a part of. */
function kindOf({ anchor }: Hit): Kind {
  let kind = kinds.get(anchor);
  if (kind === undefined) {
    const written = Buffer.from(anchor).toString('latin1');
    const [named] = Object.entries(NAMED).find(([, start]) => start.test(written)) ?? [];
    kind = (named as Kind | undefined) ?? (BOUNDARY.test(written) ? 'boundary' : 'base64');
    kinds.set(anchor, kind);
  }
  return kind;
}

/**
 * So much of a BEGIN line is lost that its label says nothing: `IVATE KEY-----`, where an allocator has written over the front of a freed
 * block. What follows is read as if it were not there.
 */
const isCut = ({ cut, label }: Boundary): boolean => cut && !label.includes('PRIVATE KEY');

/** A run of bare base64. */
interface Bare {
  run: Base64Run;
  /** No key begins before this character, or one that does was met. */
  from: number;
}

/** One window while its hits are served. */
class Sweep {
  readonly #rule: Rule;
  readonly #window: Window;
  /** Bytes before this index are part of what was reported. */
  #covered = 0;
  /** The last hit that was served: nothing is read back beyond it, so that no byte is read back to twice. */
  #last = 0;
  /** The last run of bare base64 of each reading: all hits inside it share its decoding, and no start is tried twice. */
  readonly #runs = new Map<Characters, Bare>();
  readonly #readings: Readings;

  constructor(rule: Rule, window: Window) {
    this.#rule = rule;
    this.#window = window;
    this.#readings = new Readings(window);
  }

  /** Something outside the window was asked for. */
  get outside(): boolean {
    return this.#readings.outside;
  }

  *serve(hits: Served['hits']): Iterable<Detected> {
    for (const hit of hits) {
      if (hit.at < this.#covered) continue;
      const found = this.#best(this.#readings.of(hit), hit);
      this.#last = hit.at;
      if (found === undefined) continue;
      this.#covered = found.text.byteOf(found.piece.stop);
      yield found.piece.make(found.text);
    }
  }

  /**
   * What a reading gives, whole rather than cut, then the longer, then the likelier: read in the wrong byte order, the
   * last character of a text lacks its other byte.
   */
  #best(texts: readonly Characters[], hit: PlacedHit): { text: Characters; piece: Piece } | undefined {
    let best: { text: Characters; piece: Piece } | undefined;
    const score = ({ whole, start, stop }: Piece) => stop - start + (whole ? 2 ** 32 : 0);
    for (const text of texts) {
      const piece = this.#read(text, text.indexOf(hit.at), kindOf(hit));
      if (piece !== undefined && (best === undefined || score(piece) > score(best.piece)))
        best = { text, piece };
    }
    return best;
  }

  #read(text: Characters, at: number, kind: Kind): Piece | undefined {
    if (kind === 'putty') return text.has(PUTTY_MAGIC, at) ? this.#putty(text, at) : undefined;
    if (kind === 'bind') return this.#bind(text, at);
    if (kind === 'minisign') return this.#minisign(text, at);
    const boundary = kind === 'boundary' ? boundaryAt(text, at) : undefined;
    if (boundary?.kind === 'end') return this.#tail(text, boundary);
    const begin = boundary ?? boundaryBefore(text, at);
    if (begin?.kind === 'begin') {
      const block = this.#block(text, begin);
      if (block !== undefined || !isCut(begin)) return block;
    }
    return kind === 'base64' ? this.#bare(text, at) : undefined;
  }

  #block(text: Characters, begin: Boundary): Piece | undefined {
    const block = readBlock(text, begin);
    if (block === undefined) return undefined;
    const { start, run, closed } = block;
    const secret = block.label.includes('PRIVATE KEY') ? readPrivateBlock(block) : undefined;
    if (secret !== undefined) {
      const stop = closed || !secret.whole ? block.stop : run.endOf(0, secret.used);
      return this.#piece(start, stop, secret, 'pem');
    }
    const open = readPublicBlock(block);
    if (open === undefined) return undefined;
    const stop = closed ? block.stop : run.endOf(0, open.used);
    const make = (at: Characters) =>
      publicRecord(this.#window, this.#place(at, start, stop), open.spki, open.certificate);
    return { start, stop, whole: closed, make };
  }

  /** From an END line: the whole block where only its BEGIN line's anchor was not met (a seam cuts it), or what is left. */
  #tail(text: Characters, end: Boundary): Piece | undefined {
    // How far back it reads depends on the hits before: alone, an END line says less.
    text.outside = true;
    const run = bodyBefore(text, end, text.indexOf(Math.max(this.#covered, this.#last)));
    const begin = run && boundaryBefore(text, run.start);
    if (begin?.kind === 'begin') {
      const block = this.#block(text, begin);
      if (block !== undefined || !isCut(begin)) return block;
    }
    const tail = run !== undefined && end.label.includes('PRIVATE KEY') ? readTail(run) : undefined;
    if (run === undefined || tail === undefined) return undefined;
    return this.#piece(run.beginOf(tail.first), end.next, tail, 'pem');
  }

  /** Base64 with no lines around it: the anchor is its front, or stands a few characters behind it. */
  #bare(text: Characters, at: number): Piece | undefined {
    let bare = this.#runs.get(text);
    if (bare === undefined || at < bare.run.start || at >= bare.run.stop) {
      let start = at;
      while (start > at - ANCHOR_IN && base64Value(text.code(start - 1)) >= 0) start--;
      bare = { run: new Base64Run(text, start), from: 0 };
      this.#runs.set(text, bare);
    }
    const { run } = bare;
    const last = run.ordinal(at);
    const from = Math.max(bare.from, last - ANCHOR_IN);
    bare.from = Math.max(bare.from, last + 1);
    for (let first = from; first <= last; first++) {
      if (!run.mayBegin(first)) continue;
      const content = readKeyBytes(run.decode(first));
      if (content === undefined) continue;
      bare.from = first + 1;
      // Its BEGIN line, where a seam cuts the anchor in it.
      const begin = boundaryBefore(text, run.beginOf(first));
      const block = begin?.kind === 'begin' ? this.#block(text, begin) : undefined;
      if (block !== undefined) return block;
      const stop = content.whole ? run.endOf(first, content.used) : run.stop;
      return this.#piece(run.beginOf(first), stop, content, run.url ? 'base64url' : 'base64');
    }
    return undefined;
  }

  #putty(text: Characters, at: number): Piece | undefined {
    const read = readPutty(text, at);
    if (read === undefined) return undefined;
    const { material, ciphertext, algorithm, whole, evidence, notes } = read;
    const content: Omit<Content, 'used'> =
      material === undefined
        ? {
            kind: 'encrypted-key',
            title: `encrypted PuTTY private key (${algorithm})`,
            secret: new Secret(ciphertext!),
            severity: 'medium',
            whole,
          }
        : { ...describeMaterial(material, whole, notes), evidence, whole };
    return this.#piece(at, read.stop, content, 'putty');
  }

  #bind(text: Characters, at: number): Piece | undefined {
    const begins = text.has(BIND_MAGIC, at);
    // How far back it reads depends on the hits before.
    if (!begins) text.outside = true;
    const floor = text.indexOf(Math.max(this.#covered, this.#last));
    const read = readBind(text, at, begins ? at : floor);
    if (read === undefined) return undefined;
    const { start, stop, whole, material } = read;
    return this.#piece(start, stop, { ...describeMaterial(material, whole), whole }, 'bind');
  }

  #minisign(text: Characters, at: number): Piece | undefined {
    const run = new Base64Run(text, at, Math.min(text.length, at + MINISIGN_TEXT));
    const read = readMinisign(run.decode(0));
    return read && this.#piece(at, read.whole ? run.endOf(0, read.used) : run.stop, read, read.name);
  }

  #piece(start: number, stop: number, content: Omit<Content, 'used'>, encoding: string): Piece {
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

  /** Bytes of characters [start, stop). */
  #place(text: Characters, start: number, stop: number): [number, number] {
    return [text.byteOf(start), text.byteOf(stop)];
  }
}

/** An RSA-8192 PEM in UTF-16 has 13 KB, an RSA-16384 one 25 KB; before an END line so much of a body whose front is lost. */
const reach = { before: 8 * 1024, after: 32 * 1024 };

/** A certificate, a key of any curve, most RSA keys, and every BEGIN line without a body end within so many bytes. */
const near = { before: 512, after: 4096 };
/** More hits in one group share their window. */
const FEW = 16;

/** What a hit gives within a few kilobytes; undefined where it asks for more than these. */
function nearby({ rule, view, order }: HitGroup, hit: Hit): Detected[] | undefined {
  const window = view.window(hit.offset, near.before, near.after, order);
  if (window.extents(0, window.bytes.length).length > 1) return undefined;
  const sweep = new Sweep(rule, window);
  const found = [...sweep.serve([{ ...hit, at: window.at }])];
  return sweep.outside ? undefined : found;
}

function* examine(group: HitGroup): Iterable<Detected> {
  const far: Hit[] = [];
  let covered = 0;
  for (const hit of group.hits.length <= FEW ? group.hits : []) {
    if (hit.offset < covered) continue;
    const found = nearby(group, hit);
    if (found === undefined) far.push(hit);
    for (const each of found ?? []) {
      covered = each.offset + each.length;
      yield each;
    }
  }
  const hits = group.hits.length <= FEW ? far : group.hits;
  for (const served of serve({ ...group, hits }, reachOf(group.rule, reach)))
    yield* new Sweep(group.rule, served.window).serve(served.hits);
}

export const pem: Detector = { name: 'pem', reach, examine };

import type { Owner } from '../../../core/model/report.js';
import type { MayName } from '../../memory/types.js';

/** A reference to a value, or to what holds one, in words. */
export interface NamedReference {
  /** Type of the edge. */
  type: string;
  /** Name of the edge, or its index in digits. */
  name: string;
  /** Type and name of the node that refers. */
  holder: { type: string; name: string };
  /** The string beside the value that may be its key: before it, by an index one less; or in a property. */
  before: string | undefined;
  key: string | undefined;
}

/**
 * What a reference says: a name; that the value has a name, which is not that of a secret; that it is part of
 * a string or a collection, or wrapped, or that a part of it is a string of its own, and what refers to that
 * may name it; nothing.
 */
export type ReferenceName = Owner | 'plain' | 'part' | 'wrapped' | 'sliced' | 'nothing';

/** Properties of generic holders of one value. */
const GENERIC = new Set(['value', '_value', 'val', 'v', 'data', 'delegate', 'current']);
/** Names of the property that is the key beside a value, as in `{ name, value }`. */
export const KEY_NAMES = ['name', 'key', 'id', 'k'];
/** Parts of a string (`first`, `second` of a concatenation) and of a collection. */
const PARTS = new Set(['first', 'second', 'actual', 'table']);
const INDEX = /^\d+$/;
/** A key that someone chose; others are ids. */
const CHOSEN = /^[A-Za-z_.-]{1,40}$/;
/** Own tables of V8: its roots, its code, and arrays whose contents their owner has as properties. */
const OWN_HOLDERS = new Set(['synthetic', 'code', 'object shape', 'hidden', 'native']);
const OWN_ARRAYS = /^\(/;

/** Nodes beside an edge. */
export type NodeBeside = 'holder' | 'before' | 'key';

const NONE: readonly NodeBeside[] = [];

/** The nodes whose names {@link namingOf} reads; what it says does not depend on the others. */
export function nodesRead(
  { type, name, holderType }: { type: string; name: string; holderType: string },
  mayName: MayName,
): readonly NodeBeside[] {
  if (OWN_HOLDERS.has(holderType)) return NONE;
  switch (type) {
    case 'property':
      if (GENERIC.has(name)) return ['key', 'holder'];
      return mayName(bareOf(name)) ? ['holder'] : NONE;
    case 'element':
      return Number(name) % 2 === 1 ? ['before'] : NONE;
    case 'internal':
      return INDEX.test(name) && holderType === 'array' ? ['before', 'holder'] : NONE;
    default:
      return NONE;
  }
}

export function namingOf(reference: NamedReference, mayName: MayName): ReferenceName {
  const { type, name, holder } = reference;
  if (OWN_HOLDERS.has(holder.type)) return 'nothing';
  const rule = EDGES[type];
  return rule === undefined ? 'nothing' : rule(reference, mayName, INDEX.test(name));
}

type Rule = (reference: NamedReference, mayName: MayName, isIndex: boolean) => ReferenceName;

/** Rules by the type of the edge (V8, HeapGraphEdge::Type). */
const EDGES: Readonly<Record<string, Rule>> = {
  property({ name, key, holder }, mayName) {
    if (!GENERIC.has(name)) return named('property', name, holder.name, mayName);
    return key === undefined ? 'wrapped' : named('key', key, holder.name, mayName);
  },
  context: ({ name }, mayName) => named('variable', name, '', mayName),
  element: ({ name, before }, mayName) => {
    // The second of a pair.
    const isPair = before !== undefined && Number(name) % 2 === 1;
    return isPair && mayName(before) ? { kind: 'key', name: before, of: 'Array' } : 'part';
  },
  internal({ name, before, holder }, mayName, isIndex) {
    if (!isIndex && name === 'parent' && holder.type === 'sliced string') return 'sliced';
    if (!isIndex) return PARTS.has(name) ? 'part' : 'nothing';
    // An entry of the table of a Map or a Set.
    if (holder.type !== 'array' || OWN_ARRAYS.test(holder.name)) return 'nothing';
    if (before === undefined) return 'part';
    if (mayName(before)) return { kind: 'key', name: before, of: 'Map' };
    return CHOSEN.test(before) ? 'plain' : 'part';
  },
};

/** A symbol, and a private name. */
const DECORATED = /^<symbol (.*)>$|^#(.*)$/s;

const bareOf = (name: string): string => {
  const bare = DECORATED.exec(name);
  return bare?.[1] ?? bare?.[2] ?? name;
};

const named = (kind: Owner['kind'], name: string, of: string, mayName: MayName): ReferenceName =>
  mayName(bareOf(name)) ? { kind, name, of } : 'plain';

import { DOMAINS } from '../../core/asn1/domain.js';
import { OKP } from '../../core/asn1/oids.js';
import { toBigint, trimmed } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { KeyMaterial } from '../../core/model/key-material.js';
import type { ObjectRow } from '../../rules/types.js';
import type { ObjectKey, ObjectPart } from '../../rules/vocabulary.js';

/** A field's number, and the other ones of the key; unsigned, most significant octet first. */
interface Numbers {
  row: ObjectRow;
  secret: Uint8Array;
  part(name: ObjectPart): Uint8Array | undefined;
}

const secretOf = (bytes: Uint8Array | undefined): Secret | undefined => bytes && new Secret(trimmed(bytes));

/** Private keys as the provers take them; undefined if a number is lacking that the key needs. */
const MATERIALS: Readonly<Record<ObjectKey, (numbers: Numbers) => KeyMaterial | undefined>> = {
  okp({ row, secret }) {
    const curve = row.curve?.find((name) => OKP[name].size === secret.length);
    return curve && { type: 'okp', curve, seed: new Secret(secret) };
  },
  ec({ secret, part }) {
    const order = part('order');
    const n = order && toBigint(order);
    const domain = DOMAINS.find((each) => each.n === n);
    return domain && { type: 'ec', curve: domain.name, d: new Secret(trimmed(secret)) };
  },
  rsa({ secret, part }) {
    const n = part('n');
    const [p, q] = [secretOf(part('p')), secretOf(part('q'))];
    return n && { type: 'rsa', n, d: new Secret(trimmed(secret)), ...definedFields({ e: part('e'), p, q }) };
  },
  dsa({ secret, part }) {
    const [p, q, g] = [part('p'), part('q'), part('g')];
    return p && q && g && { type: 'dsa', p, q, g, x: new Secret(trimmed(secret)) };
  },
};

/** The private key of a row, if the object has all that its arithmetic needs. */
export const materialOf = (numbers: Numbers): KeyMaterial | undefined =>
  numbers.row.key && MATERIALS[numbers.row.key](numbers);

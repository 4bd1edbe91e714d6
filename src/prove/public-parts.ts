import { readSpki } from '../core/asn1/spki.js';
import { Secret } from '../core/base/crypto/secret.js';
import type { Component } from '../core/model/key-material.js';

/** The integers of a public key, under their names in RFC 7518, section 6. */
export function publicParts(spki: Uint8Array): Component[] {
  const key = readSpki(spki)?.key;
  if (key?.type === 'rsa') return [{ name: 'n', value: new Secret(key.n) }];
  if (key?.type === 'okp') return [{ name: 'x', value: new Secret(key.public) }];
  if (key?.type !== 'ec' || key.point[0] !== 4) return [];
  const half = (key.point.length - 1) / 2;
  return [
    { name: 'x', value: new Secret(key.point.subarray(1, 1 + half)) },
    { name: 'y', value: new Secret(key.point.subarray(1 + half)) },
  ];
}

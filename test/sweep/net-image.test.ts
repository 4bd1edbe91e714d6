import { describe, expect, test } from '@jest/globals';
import { compileLiterals } from '../../src/sweep/literals.js';
import { compileNeedles } from '../../src/sweep/needles.js';
import { packNet, unpackNet } from '../../src/sweep/net-image.js';
import { KERNELS } from '../support/scalar-kernel/kernels.js';
import { literal, sweepWith } from './oracle.js';

const nets = {
  literals: compileLiterals([literal('ghp_', { wide: true }), literal('Secret', { caseless: true })]),
  needles: compileNeedles([Buffer.from('a literal that is long')]),
};

describe.each(Object.values(nets))('a packed net of $kind', (net) => {
  const packed = packNet(net);

  test('is the same when unpacked', () => {
    const { images, ...facts } = unpackNet(packed);
    expect(facts).toEqual({ kind: net.kind, longest: net.longest, patterns: net.patterns });
    expect(Object.keys(images)).toEqual(Object.keys(net.images));
    for (const [name, image] of Object.entries(images)) {
      expect(new Uint8Array(image)).toEqual(new Uint8Array(net.images[name]!));
    }
  });

  test.each(KERNELS)('works in kernel %s', (name) => {
    const data = Buffer.from('g\0h\0p\0_ sECRET a literal that is long ghp_');
    expect(sweepWith(name, unpackNet(packed), data, 64)).toEqual(sweepWith(name, net, data, 64));
  });

  test('is rejected if damaged', () => {
    expect(() => unpackNet(packed.subarray(1))).toThrow(/not a net/);
    expect(() => unpackNet(packed.subarray(0, -1))).toThrow();
    expect(() => unpackNet(Buffer.concat([packed, Buffer.alloc(1)]))).toThrow(/left over/);
  });
});

test('compiling twice gives the same image', () => {
  const again = compileLiterals([literal('ghp_', { wide: true }), literal('Secret', { caseless: true })]);
  expect(packNet(again)).toEqual(packNet(nets.literals));
});

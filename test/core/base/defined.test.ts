import { describe, expect, test } from '@jest/globals';
import { definedFields } from '../../../src/core/base/runtime/defined.js';

describe('definedFields', () => {
  test('leaves out undefined fields and keeps the order of the others', () => {
    const fields = definedFields({ c: 1, b: undefined, a: null, d: 0, e: '' });
    expect(JSON.stringify(fields)).toBe('{"c":1,"a":null,"d":0,"e":""}');
    expect('b' in fields).toBe(false);
  });

  test('fits an interface with exact optional properties', () => {
    interface Shape {
      size: number;
      unit?: 'bit' | 'byte';
    }
    const shape = (unit: 'bit' | undefined): Shape => ({ size: 1, ...definedFields({ unit }) });
    expect([shape('bit'), shape(undefined)]).toEqual([{ size: 1, unit: 'bit' }, { size: 1 }]);
  });
});

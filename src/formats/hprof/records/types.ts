/** Type number of a reference; {@link BASIC} has the others (hprof_b_spec.h). */
export const OBJECT = 2;

const BASIC: Readonly<Record<number, { name: string; size: number }>> = {
  4: { name: 'boolean', size: 1 },
  5: { name: 'char', size: 2 },
  6: { name: 'float', size: 4 },
  7: { name: 'double', size: 8 },
  8: { name: 'byte', size: 1 },
  9: { name: 'short', size: 2 },
  10: { name: 'int', size: 4 },
  11: { name: 'long', size: 8 },
};

const SIZES = Uint8Array.from({ length: 256 }, (_, type) => BASIC[type]?.size ?? 0);

/** Size of a value in bytes; 0 for an unknown type. */
export function sizeOfType(type: number, idSize: number): number {
  return type === OBJECT ? idSize : SIZES[type]!;
}

export function nameOfType(type: number): string {
  return BASIC[type]?.name ?? 'object';
}

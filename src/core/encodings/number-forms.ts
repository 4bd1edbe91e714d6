import {
  type FormUse,
  type LengthField,
  type NumberForm,
  type NumberRow,
  numberForm,
} from './number-codec.js';

/** Found without a marker, too. */
const SEARCHED = ['search', 'copies', 'fill'] as const;
const COPIED = ['copies', 'fill'] as const;
/**
 * No library keeps a whole key so for long, but parts of one are left on stacks. Limbs of 51, 52 and 56 bits
 * (Curve25519, multiplication by AVX-512, Curve448), of 57 to 62 bits (tagged words of language runtimes,
 * libraries with spare bits for carries), and of 26 and 29 bits.
 */
const FILLED = ['fill'] as const;

const WORD = 0xffff_ffff;
const first = { order: 'lsd', octets: 'le' } as const;
const little = <const Cell>(cell: Cell) => ({ ...first, ...cell });
const in32 = little({ cell: 4, digit: { at: 0, bytes: 4 } });
const in64 = little({ cell: 8, digit: { at: 0, bytes: 8 } });

/** The length as a small integer, or in later versions as a 32-bit integer and 32 bits of padding. */
const V8_LENGTHS: readonly LengthField[] = [
  { at: -4, fixed: [{ at: -8, mask: WORD, value: 0 }] },
  { at: -8, fixed: [{ at: -4, mask: WORD, value: 0 }] },
];
/** Lengths of V8's arrays with compressed pointers. */
const V8_COMPRESSED_LENGTHS: readonly LengthField[] = [
  { at: -4 },
  { at: -4, shift: 1, fixed: [{ at: -4, mask: 1, value: 0 }] },
];
/** Length in use and capacity (IndexingHeader). */
const JSC_LENGTHS: readonly LengthField[] = [{ at: -8, capacityAt: -4 }];

/** V8's small integers (Smi) in the upper half of a word, or shifted left by one with compressed pointers. */
const smi = little({ cell: 8, digit: { at: 4, bytes: 4 }, fixed: [{ at: 0, mask: WORD, value: 0 }] });
const compressed = little({
  ...{ cell: 4, digit: { at: 0, bytes: 4, shift: 1 }, fixed: [{ at: 0, mask: 1, value: 0 }] },
  lengths: V8_COMPRESSED_LENGTHS,
});
const double = little({ cell: 8, digit: { at: 0, bytes: 8, isDouble: true }, lengths: V8_LENGTHS });
/** JavaScriptCore: 32 bits below the JSValue NumberTag, which marks a NaN that no double has. */
const NUMBER_TAG = { at: 4, mask: WORD, value: 0xfffe_0000 };
const boxed = little({ cell: 8, digit: { at: 0, bytes: 4 }, fixed: [NUMBER_TAG], lengths: JSC_LENGTHS });

/** All forms of integers in memory, in the order in which a scan looks for copies. */
const rows = {
  'bytes-be': { cell: 1, bits: 8, digit: { at: 0, bytes: 1 }, order: 'msd', octets: 'be', uses: SEARCHED },
  'limbs-le': { cell: 1, bits: 8, digit: { at: 0, bytes: 1 }, ...first, uses: SEARCHED },
  // java.math.BigInteger.mag in memory.
  'int32-msw': { ...in32, bits: 32, order: 'msd', uses: SEARCHED },
  'int64-msw': { ...in64, bits: 64, order: 'msd', uses: FILLED },
  // long[] and int[] of libraries with little-endian limbs: a heap dump stores each limb big-endian.
  'limbs-be-hprof': { ...in64, bits: 64, octets: 'be', uses: SEARCHED },
  'ints-be-hprof': { ...in32, bits: 32, octets: 'be', reported: 'limbs-be-hprof', uses: SEARCHED },
  // CPython's int (PyLong_SHIFT 30).
  'digits30-le32': { ...in32, bits: 30, uses: SEARCHED },
  // libtommath (MP_DIGIT_BIT 60), Go's bigmod before 1.22.
  'digits60-le64': { ...in64, bits: 60, uses: SEARCHED },
  'digits63-le64': { ...in64, bits: 63, uses: SEARCHED },
  // libtommath with digits in 32 bits (MP_28BIT).
  'digits28-le32': { ...in32, bits: 28, uses: SEARCHED },
  // jsbn and bn.js in V8 and in JavaScriptCore.
  'v8-smi28': { ...smi, lengths: V8_LENGTHS, bits: 28, uses: SEARCHED },
  'v8-smi26': { ...smi, lengths: V8_LENGTHS, bits: 26, uses: SEARCHED },
  'v8-smi28c': { ...compressed, bits: 28, uses: SEARCHED },
  'v8-smi26c': { ...compressed, bits: 26, uses: SEARCHED },
  'v8-double28': { ...double, bits: 28, uses: SEARCHED },
  'v8-double26': { ...double, bits: 26, uses: SEARCHED },
  'jsc-int28': { ...boxed, bits: 28, uses: SEARCHED },
  'jsc-int26': { ...boxed, bits: 26, uses: SEARCHED },
  // CPython's int on 32-bit systems (PyLong_SHIFT 15), libtommath with MP_31BIT.
  'digits15-le16': { ...first, cell: 2, digit: { at: 0, bytes: 2 }, bits: 15, uses: COPIED },
  'digits31-le32': { ...in32, bits: 31, uses: COPIED },
  'digits26-le32': { ...in32, bits: 26, uses: FILLED },
  'digits29-le32': { ...in32, bits: 29, uses: FILLED },
  'digits51-le64': { ...in64, bits: 51, uses: FILLED },
  'digits52-le64': { ...in64, bits: 52, uses: FILLED },
  'digits56-le64': { ...in64, bits: 56, uses: FILLED },
  'digits57-le64': { ...in64, bits: 57, uses: FILLED },
  'digits58-le64': { ...in64, bits: 58, uses: FILLED },
  'digits59-le64': { ...in64, bits: 59, uses: FILLED },
  'digits61-le64': { ...in64, bits: 61, uses: FILLED },
  'digits62-le64': { ...in64, bits: 62, uses: FILLED },
} as const satisfies Readonly<Record<string, NumberRow>>;

type Rows = typeof rows;
type FormName = keyof Rows;
/** Names of the forms with a use. */
type NamesFor<Use extends FormUse> = {
  [Name in FormName]: Use extends Rows[Name]['uses'][number] ? Name : never;
}[FormName];
/** Forms in which searches read numbers. */
export type SearchedForm = NamesFor<'search'>;
/** Names of forms in reports. */
export type ReportedForm = Exclude<NamesFor<'copies'>, 'ints-be-hprof'>;

const names = Object.keys(rows) as FormName[];

export const NUMBER_FORMS = Object.fromEntries(names.map((name) => [name, numberForm(name, rows[name])])) as {
  readonly [Name in FormName]: NumberForm<Name>;
};

/** The forms with a use, in the order of the table. */
export function formsFor(use: FormUse): NumberForm[] {
  const all: readonly NumberForm[] = Object.values(NUMBER_FORMS);
  return all.filter(({ uses }) => uses.includes(use));
}

/** Name in reports of a form, or of an encoding that is none. */
export function reportedName(name: string): string {
  const forms: Readonly<Record<string, NumberForm>> = NUMBER_FORMS;
  return forms[name]?.reported ?? name;
}

import fc from 'fast-check';

/**
 * fast-check with one seed for all runs, so that every machine tests the same cases. `DUMPSIEVE_SEED=N` takes
 * another seed, `DUMPSIEVE_SEED=random` a new one for each property; a failure prints its seed either way.
 */
const wanted = process.env.DUMPSIEVE_SEED ?? '20231125';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });

/** Random bytes with short sequences of others scattered among them. */
export const scattered = (byte: fc.Arbitrary<number>, row: fc.Arbitrary<number[]>): fc.Arbitrary<number[]> =>
  fc
    .array(
      fc.oneof(
        byte.map((each) => [each]),
        row,
      ),
      { minLength: 8, maxLength: 400 },
    )
    .map((all) => all.flat());

export default fc;

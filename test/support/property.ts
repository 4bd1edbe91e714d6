import fc from 'fast-check';

/**
 * fast-check with one seed for all runs, so that what passes here passes on the next machine. `DUMPSIEVE_SEED=N` takes another,
 * `DUMPSIEVE_SEED=random` a new one for each property; a failure names its seed either way.
 *
 * A property that has held for half a minute is left at that, with fewer cases than it asks for: only on slow machines.
 */
const wanted = process.env.DUMPSIEVE_SEED ?? '20231125';
fc.configureGlobal({
  interruptAfterTimeLimit: 30_000,
  ...(wanted === 'random' ? {} : { seed: Number(wanted) }),
});

/** Bytes among which short rows of others stand. */
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

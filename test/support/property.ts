import fc from 'fast-check';

/**
 * fast-check with one seed for all runs, so that every machine tests the same cases. `DUMPSIEVE_SEED=N` takes
 * another seed, `DUMPSIEVE_SEED=random` a new one for each property; a failure prints its seed either way.
 */
const wanted = process.env.DUMPSIEVE_SEED ?? '20231125';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });

/** Cases of a property that takes long: a tenth in each run, all at night (`DUMPSIEVE_CASES=all`). */
export const cases = (count: number): number =>
  process.env.DUMPSIEVE_CASES === 'all' ? count : Math.ceil(count / 10);

export default fc;

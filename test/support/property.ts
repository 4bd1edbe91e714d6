import fc from 'fast-check';

/**
 * fast-check with one seed for all runs, so that what passes here passes on the next machine. `DUMPSIEVE_SEED=N` takes another,
 * `DUMPSIEVE_SEED=random` a new one for each property; a failure names its seed either way.
 */
const wanted = process.env.DUMPSIEVE_SEED ?? '20231125';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });

export default fc;

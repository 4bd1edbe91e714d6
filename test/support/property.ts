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

export default fc;

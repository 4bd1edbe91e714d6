/** What the module of a job exports: a function of structured-clone data. */
export interface JobModule<Input, Output> {
  job(input: Input): Output;
}

/**
 * A job of the pool: the module that a worker loads, the
 * types of its input and output, and what is transferred.
 */
export interface Job<Input, Output> {
  readonly module: URL;
  /** Buffers of an input that are transferred to the worker, not copied. */
  transfer(input: Input): readonly ArrayBuffer[];
  /** Never set: it carries the type. */
  readonly output?: Output;
}

type InputOf<Module> = Module extends JobModule<infer Input, unknown> ? Input : never;
type OutputOf<Module> = Module extends JobModule<never, infer Output> ? Output : never;

/**
 * `Module` is the type of the module itself, `typeof import('./name-job.js')`, so that the row cannot
 * disagree with the function. The URL must be written `new URL('./name-job.js', import.meta.url)`:
 * build/bundles.mjs replaces it.
 */
export const defineJob = <Module extends JobModule<never, unknown>>(
  module: URL,
  transfer: (input: InputOf<Module>) => readonly ArrayBuffer[] = () => [],
): Job<InputOf<Module>, OutputOf<Module>> => ({ module, transfer });

/**
 * The kind of a test file, which its name says: `a.test.ts`, `a.program.test.ts`, `a.heavy.test.ts`,
 * `a.machine.test.ts`, `a.slow.test.ts`.
 */
export const KINDS = ['fast', 'program', 'heavy', 'machine', 'slow'] as const;
export type Kind = (typeof KINDS)[number];

/** The kind of a test file, compiled or not. Undefined for a file that is no test, or has no known kind. */
export function kindOf(path: string): Kind | undefined {
  const [, kind] = /\/[\w-]+(?:\.([\w-]+))?\.test\.[jt]s$/.exec(`/${path}`) ?? [];
  if (kind === undefined) return /\/[\w-]+\.test\.[jt]s$/.test(`/${path}`) ? 'fast' : undefined;
  return KINDS.find((each) => each === kind && each !== 'fast');
}

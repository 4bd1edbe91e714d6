import type { ProofResult } from './types.js';

/** What the artifact says beside a key: where its public half stands, and statements that hold under it. */
interface Beside {
  publicHalf?: string;
  statements: readonly string[];
}

/**
 * A result in the light of the whole artifact. A private half whose public half stands elsewhere is proven by it
 * ("d*G = Q of the certificate at 0x1f40"), and so is one that a JWT verifies under; a proven key gains the statements.
 */
export function promote(result: ProofResult, { publicHalf, statements }: Beside): ProofResult {
  if (result.status === 'proven') return { ...result, statements: [...result.statements, ...statements] };
  if (result.status !== 'unproven' || !result.pending || !result.facts) return result;
  const matched = publicHalf ? [`${result.pending.statement} of ${publicHalf}`] : [];
  if (matched.length + statements.length === 0) return result;
  const { statement: _, ...known } = result.pending;
  return {
    status: 'proven',
    statements: [...matched, ...statements],
    facts: result.facts,
    ...known,
    ...(result.damaged === undefined ? {} : { damaged: result.damaged }),
  };
}

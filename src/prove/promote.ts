import { definedFields } from '../base/runtime/defined.js';
import type { ProofResult } from './types.js';

/** Evidence of the artifact about a key: the place of its public half, and statements that hold under it. */
interface Evidence {
  publicHalf?: string;
  statements: readonly string[];
}

/**
 * Completes a result with evidence of the whole artifact. A private half is proven by its public half
 * elsewhere ("d*G = Q of the certificate at 0x1f40") or by a JWT that verifies; a proven key gets the
 * statements.
 */
export function promote(result: ProofResult, { publicHalf, statements }: Evidence): ProofResult {
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
    ...definedFields({ damaged: result.damaged, published: known.published ?? result.published }),
  };
}

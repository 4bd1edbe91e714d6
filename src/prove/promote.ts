import { definedFields } from '../core/base/runtime/defined.js';
import { EVIDENCE, isProof } from './evidence.js';
import type { ProofResult } from './types.js';

/** What was found of a key beyond its own numbers. */
interface Found {
  /** Place of its public half. */
  publicHalf?: string;
  /** Statements that hold under its public half, or under a symmetric key: "verifies the JWT at 0x1f40". */
  statements: readonly string[];
  /** It was found as a whole PEM. */
  isArmoured?: boolean | undefined;
}

const ARMOUR = 'the PEM is whole, from BEGIN to END';

/**
 * Completes a result with evidence. It proves a private half ("d*G = Q of the certificate at 0x1f40"), and is
 * added to the statements of a proven key.
 */
export function promote(result: ProofResult, { publicHalf, statements, isArmoured }: Found): ProofResult {
  if (result.status === 'proven') return { ...result, statements: [...result.statements, ...statements] };
  if (result.status !== 'unproven' || !result.pending || !result.facts) return result;
  const { statement, weight: _, ...known } = result.pending;
  const { publicKey, armour, use } = EVIDENCE;
  const evidence = [
    ...(publicHalf === undefined ? [] : [{ ...publicKey, statement: `${statement} of ${publicHalf}` }]),
    ...(publicHalf === undefined && isArmoured ? [{ ...armour, statement: ARMOUR }] : []),
    ...statements.map((each) => ({ ...use, statement: each })),
  ];
  if (!isProof(evidence)) return result;
  return {
    status: 'proven',
    statements: evidence.map((each) => each.statement),
    facts: result.facts,
    ...known,
    ...definedFields({ damaged: result.damaged, published: known.published ?? result.published }),
  };
}

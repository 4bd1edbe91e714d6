import { IDENTITIES, PRODUCT, secondsForOthers } from '../../core/limits/costs.js';
import { LIMIT_TARGETS } from '../../core/limits/limit.js';
import { countOf, type WindowColumns } from '../core/columns.js';
import type { SearchContext } from '../core/search-context.js';
import { WorkBudget } from '../core/work-budget.js';
import { type Family, familiesOf, type Modulus, targetOf } from './modulus.js';

/** Moduli that are searched within the same budgets. */
export interface ModulusClass {
  families: readonly Family[];
  /** For numbers of likely kinds, and for the others. */
  likely: WorkBudget;
  others: WorkBudget;
  /** Moduli of end entities or targets. */
  isWanted: boolean;
}

interface ClassContext extends Pick<SearchContext, 'runs' | 'skippedWork' | 'budget'> {
  /** Length of the artifact in bytes. */
  length: number;
  windows: ReadonlyMap<number, WindowColumns>;
  /** The moduli are numbers that merely may be moduli. */
  unconfirmed: boolean;
}

/**
 * Budget for moduli of authorities and in texts, in products of words: 0.2 s, and a fifth of the time of a
 * sweep of the artifact.
 */
const BLIND = { least: 75_000_000, perByte: 0.02 };
/**
 * Windows that exceed this budget, and the divisor of the budget they get: what is tried first is the
 * likeliest. Large cores have 30,000 windows.
 */
export const MANY_WINDOWS = 1 << 17;
const MANY_WINDOWS_DIVISOR = 3;

/**
 * Targets, moduli of end entities, and the others. An end entity's certificate opens no large budget for the
 * authorities of a trust store.
 */
export function classesOf(moduli: readonly Modulus[], context: ClassContext): ModulusClass[] {
  const open = moduli.filter(({ solved }) => !solved);
  return LIMIT_TARGETS.flatMap((target) => {
    const own = open.filter((modulus) => targetOf(modulus) === target);
    if (own.length === 0) return [];
    const isWanted = target !== 'blind' && !context.unconfirmed;
    const likely = budgetOf(isWanted ? wantedEffort(context) : blindEffort(context), context);
    const others = target === 'written' && isWanted ? budgetOf(otherEffort(context), context) : likely;
    return [{ families: familiesOf(own), likely, others, isWanted }];
  });
}

const budgetOf = (products: number, { budget, skippedWork }: ClassContext): WorkBudget =>
  new WorkBudget(budget(products), skippedWork);

const wantedEffort = ({ length }: ClassContext): number =>
  (IDENTITIES.least + IDENTITIES.perByte * length) / PRODUCT;

const otherEffort = ({ length, runs }: ClassContext): number =>
  secondsForOthers('rsa', { length, dense: runs.denseBytes() }) / PRODUCT;

const blindEffort = ({ length, windows }: ClassContext): number =>
  (BLIND.least + BLIND.perByte * length) / (countOf(windows) > MANY_WINDOWS ? MANY_WINDOWS_DIVISOR : 1);

import type { Framework, Held } from './programs.js';
import { NOT_RUN } from './programs.js';
import type { Shown } from './run.js';

export interface Row {
  framework: Framework;
  version: string;
  shown: Partial<Record<Held, Shown>>;
  /** Why it was not run. */
  reason?: string;
}

const HEAD = ['framework', 'version', 'environment', 'text', 'object', 'remarks'];

/** True if every secret was found and, where a proof is possible, proven. */
export function isWhole({ framework: { proof }, shown }: Row): boolean {
  return Object.values(shown).every(({ found, proven }) =>
    proof === undefined ? found === undefined || found.counting >= found.all : proven.length > 0,
  );
}

function cell(shown: Shown | undefined, hasProof: boolean): string {
  if (shown === undefined) return '';
  const { found, proven } = shown;
  if (found === undefined)
    return proven.length > 0 ? 'proven' : hasProof ? '**not proven**' : 'cannot be found';
  const { rules, counting, all } = found;
  const proof = proven.length > 0 ? ', proven' : hasProof ? ', **not proven**' : '';
  const part = all > 1 ? `${counting} of ${all} ` : '';
  if (counting >= all) return `${part}found${proof} (${rules.join(', ')})`;
  return proven.length > 0 ? 'proven without its name' : `**${part}not found**`;
}

/** The table of a run, in Markdown. */
export function markdown(rows: readonly Row[]): string {
  const lines = rows.map(({ framework: { name, proof, remark = '' }, version, shown, reason }) => {
    const hasProof = proof !== undefined;
    const cells = [shown.environment, shown.text, shown.object].map((each) => cell(each, hasProof));
    return [name, version, ...cells, reason === undefined ? remark : `not run: ${reason}`];
  });
  const others = NOT_RUN.map(({ name, remark }) => [name, '', '', '', '', `not run; ${remark}`]);
  const table = [HEAD, HEAD.map(() => '---'), ...lines, ...others];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

import { columns, wrap } from '../text.js';
import type { Explanation } from './explanation.js';

const INDENT = '  ';

/** An explanation for people. Without `width` lines are not broken: a pipe or a file. */
export function explanationText({ title, id, parts }: Explanation, width?: number): string {
  const gap = Math.max(2, (width ?? 0) - columns(title) - id.length);
  const lines = [id === '' ? title : `${title}${' '.repeat(gap)}${id}`];
  const inside = (width ?? Number.POSITIVE_INFINITY) - INDENT.length;
  for (const { heading, lines: own, commands = [] } of parts) {
    lines.push('', heading);
    for (const each of own) {
      const hanging = /^(?:- |\d\. )/.exec(each)?.[0].length ?? 0;
      const [first = '', ...rest] = wrap(each, inside - hanging);
      lines.push(`${INDENT}${first}`, ...rest.map((line) => `${INDENT}${' '.repeat(hanging)}${line}`));
    }
    for (const command of commands) lines.push(`${INDENT}${command}`);
  }
  return `${lines.join('\n')}\n`;
}

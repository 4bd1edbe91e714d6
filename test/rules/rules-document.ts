import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';
import { loadRuleFiles } from '../../src/rules/load.js';
import type { Rule, ServiceOfValue, ValueForm } from '../../src/rules/types.js';

/**
 * Writes docs/rules/README.md, a page of all rules. To refresh it:
 *
 *     npx tsc -p . && node dist/test/rules/rules-document.js --write
 */

export const DOCUMENT = fileURLToPath(asset('docs/rules/README.md'));
const RULES = fileURLToPath(asset('rules'));

const HEAD = `# All rules

Written from the files of [rules/](../../rules) by test/rules/rules-document.ts. How rules work:
[docs/rules.md](../rules.md). Find a rule on this page by its id, its issuer or its file; \`dumpsieve rules show ID\` has
the rest. Everything here can be left out by id or by group: \`--skip named-secret:*\`, \`--only 'service:a*'\`.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => `\`${text}\``;
const linked = (text: string, [url]: readonly string[]): string =>
  url === undefined ? text : `[${text}](${url.replaceAll(')', '%29')})`;

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return `${[line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)].join('\n')}\n`;
}

const byId = (a: Rule, b: Rule): number => (a.id < b.id ? -1 : 1);
const severityOf = ({ severity, signing, optIn }: Rule): string =>
  [severity, ...(signing ? ['signs'] : []), ...(optIn ? ['off by default'] : [])].join(', ');
/** `rules/github.yaml:12` without its line. */
const fileOf = ({ source }: Rule): string => source.replace(/^rules\/|:\d+$/g, '');

const lengthOf = ([least, most]: [number, number]): string =>
  least === most ? `${least}` : `${least}-${most}`;
const formOf = (form: ValueForm): string =>
  'pattern' in form
    ? code(form.pattern)
    : form.class === 'uuid'
      ? 'UUID'
      : `${form.class} ${form.lengths.map(lengthOf).join(', ')}`;

function rulesTable(rules: readonly Rule[]): string {
  return table(
    ['id', 'finds', 'kind', 'severity', 'impact', 'rotate', 'file'],
    rules.map((rule) => [
      code(rule.id),
      linked(rule.name, rule.references),
      rule.kind,
      severityOf(rule),
      rule.impact,
      rule.rotate,
      fileOf(rule),
    ]),
  );
}

function namesTable(rules: readonly Rule[]): string {
  return table(
    ['id', 'kind', 'severity', 'impact', 'file'],
    rules.map((rule) => [code(rule.id), rule.kind, severityOf(rule), rule.impact, fileOf(rule)]),
  );
}

function servicesTable(rules: readonly (Rule & { value: ServiceOfValue })[]): string {
  return table(
    ['id', 'finds', 'severity', 'form', 'impact'],
    rules.map((rule) => [
      code(rule.id),
      linked(rule.name, rule.references),
      severityOf(rule),
      rule.value.forms.map(formOf).join('; '),
      rule.impact,
    ]),
  );
}

const isService = (rule: Rule): rule is Rule & { value: ServiceOfValue } => rule.value?.type === 'service';

/** The page for these rules. */
export function written(all: readonly Rule[]): string {
  const rules = [...all].sort(byId);
  const plain = rules.filter(({ value }) => value === undefined);
  const names = rules.filter(({ value }) => value?.type === 'name');
  const services = rules.filter(isService);
  const letterOf = ({ id }: Rule): string => id['service:'.length]!;
  const letters = [...new Set(services.map(letterOf))];
  const links = letters.map((letter) => `[${letter}](#services-${letter})`).join(' ');
  return [
    HEAD,
    `${plain.length} rules for secrets with a form of their own,`,
    `${names.length} names of random-looking values, ${services.length} services (${links}).\n`,
    '## Rules\n',
    rulesTable(plain),
    '## Names\n',
    'A value beside one of these names is found whatever it opens.\n',
    namesTable(names),
    ...letters.flatMap((letter) => [
      `## Services: ${letter}\n`,
      servicesTable(services.filter((rule) => letterOf(rule) === letter)),
    ]),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

/** The page for the rules of this repository. */
export const document = async (): Promise<string> => written(await loadRuleFiles(RULES));

if (process.argv.includes('--write')) writeFileSync(DOCUMENT, await document());

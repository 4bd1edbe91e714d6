import type { Detail } from '../html/data.js';
import { type Child, html } from './dom.js';
import type { Store } from './store.js';
import { plural } from './words.js';

/** Names of facts of a key, as they are shown. */
const NAMES: Readonly<Record<string, string>> = {
  spkiSha256: 'SHA-256 of SubjectPublicKeyInfo',
  jwkThumbprint: 'JWK thumbprint',
  sshFingerprint: 'SSH fingerprint',
  keyIds: 'key ids',
  tokenCount: 'tokens signed',
};
/** Facts of a key that only a program reads. */
const LEFT_OUT: ReadonlySet<string> = new Set(['spki']);

/** What is known of one finding: a heading and a list of facts. */
export function detailView(store: Store, row: number): Child[] {
  const text = (column: Parameters<Store['text']>[0]): string => store.text(column, row);
  const gate = text('status') === 'counts' ? 'fails the gate' : `does not fail the gate: ${text('status')}`;
  const heading = html('h3', {}, `${text('title')}, ${text('confidence')}`);
  const detail = store.details[row];
  const facts: [string, readonly string[]][] = [
    ['gate', [`${text('severity')}, ${gate}`]],
    ['whose', [text('whose')]],
    ['preview', [text('preview')]],
    ...(detail ? factsOf(detail) : [LISTED_ONLY]),
    ['rule', [text('rule')]],
    ['places', placesOf(store, row)],
  ];
  return [heading, factList(facts)];
}

const LISTED_ONLY: [string, string[]] = [
  'more',
  ['this report has details of the first 10,000 findings; the JSON report has those of all'],
];

/** A list of names and values; those without a value are left out. */
export function factList(facts: readonly (readonly [string, readonly string[]])[]): HTMLElement {
  const rows = facts
    .map(([name, values]) => [name, values.filter((value) => value !== '')] as const)
    .filter(([, values]) => values.length > 0)
    .flatMap(([name, values]) => [
      html('dt', {}, name),
      html('dd', {}, ...values.map((value) => html('div', {}, value))),
    ]);
  return html('dl', { class: 'facts' }, ...rows);
}

function factsOf(detail: Detail): [string, readonly string[]][] {
  const { owner, impact, rotate, proof, notes, key = {}, claims = {}, certificates = [] } = detail;
  return [
    ['held by', owner ? [`${owner.name} (${owner.kind}${owner.of && ` of ${owner.of}`})`] : []],
    ['opens', [impact]],
    ['do', [rotate]],
    ['proof', proof],
    ['notes', notes],
    ...Object.entries(key)
      .filter(([name]) => !LEFT_OUT.has(name))
      .map(([name, value]): [string, string[]] => [NAMES[name] ?? name, valueTexts(value)]),
    ['certificates', certificates.map((each) => `${each.subject}, until ${each.notAfter.slice(0, 10)}`)],
    ['claims', Object.entries(claims).map(([name, value]) => `${name}: ${valueTexts(value).join(', ')}`)],
    ['also matched', [detail.alsoMatched.join(', ')]],
    ['id', [detail.fingerprint ?? '']],
  ];
}

/** A value of JSON in lines. */
function valueTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(valueTexts);
  if (typeof value !== 'object' || value === null) return [String(value)];
  const fields = Object.entries(value).map(([name, each]) => `${name} ${valueTexts(each).join(' ')}`);
  return [fields.join(', ')];
}

/** Places of a finding that are listed in its details. */
const MOST_PLACES = 200;

function placesOf(store: Store, row: number): string[] {
  const { places, texts, occurrences } = store;
  const [from, to] = store.placesOf(row);
  const lines: string[] = [];
  for (let place = from; place < Math.min(to, from + MOST_PLACES); place++) {
    const [form, region] = [texts[places.form[place]!], texts[places.region[place]!]];
    const path = store.pathOf(places.artifact[place]!);
    const what = [plural(places.length[place]!, 'byte'), form].filter((part) => part !== '').join(', ');
    lines.push(`${path}: ${region} ${store.placeText(place)} (${what})`);
  }
  const more = occurrences[row]! - lines.length;
  return more > 0 ? [...lines, `and ${plural(more, 'more place')}`] : lines;
}

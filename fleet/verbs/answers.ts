import { type Column, tableLines } from '../../src/cli/table.js';
import { escapeText } from '../../src/core/base/text/escape.js';
import type {
  Asked,
  FoundIn,
  QueryEnd,
  QueryEvent,
  RepeatedSecret,
  ShownDump,
  TargetPresence,
} from '../src/index.js';
import type { AnswerWriter } from './outputs.js';
import { countText, dumpsText } from './scanning.js';

/** Answers of a store for people: a block for each target, a line for each dump. */

/** Dumps of one target that are listed. */
const LISTED = 200;
/** Hosts that are named. */
const NAMED = 8;

const columns: readonly Column[] = [{}, {}, {}, {}, {}];

/** Writes answers as text, as they come. */
export class PrettyAnswers implements AnswerWriter {
  readonly #write: (text: string) => void;
  readonly #width: number | undefined;
  #dump: number | undefined;
  #rows = 0;
  #dumps = 0;
  #failing = 0;
  #kind: QueryEvent['type'] = 'end';

  /** `width`: of the terminal; undefined where lines are not cut. */
  constructor(write: (text: string) => void, width?: number) {
    this.#write = write;
    this.#width = width;
  }

  event(event: QueryEvent): void {
    // Places of a repeated secret are for other formats.
    if (this.#kind === 'repeated' && event.type === 'found') return;
    if (event.type !== 'end') this.#kind = event.type;
    if (event.type === 'target') this.#lines([...targetLines(event, this.#width), '']);
    else if (event.type === 'repeated') this.#lines(this.#repeated(event));
    else if (event.type === 'found') this.#lines(this.#found(event));
    else this.#lines(this.#end(event));
  }

  end(): void {}

  #lines(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`);
  }

  #repeated(each: RepeatedSecret): string[] {
    this.#rows++;
    const { secret, contents, dumps, hosts, firstAt, lastAt } = each;
    const copies = contents === dumps ? '' : ` (${countText(contents)} contents)`;
    const when = firstAt === undefined ? '' : `; ${span(firstAt, lastAt)}`;
    return [
      `${secret.severity}: ${secretText(secret)}`,
      `  in ${dumpsText(dumps)}${copies}${hosts.length > 0 ? ` of ${hostsText(hosts)}` : ''}${when}`,
    ];
  }

  #found(each: FoundIn): string[] {
    const { dump, secret, finding } = each;
    const isNew = dump.id !== this.#dump;
    this.#dump = dump.id;
    this.#rows++;
    if (isNew) this.#dumps++;
    if (finding.counts) this.#failing++;
    const gate = finding.counts ? '' : ', passes the gate';
    return [
      ...(isNew ? [`${escapeText(dump.uri)}${aboutDump(dump)}`] : []),
      `  ${secret.severity}: ${secretText(secret)}, ${finding.confidence}${gate}; ${placeText(each)}`,
    ];
  }

  #end({ asked }: QueryEnd): string[] {
    const gaps = gapsText(asked);
    const of = `asked: ${dumpsText(asked.dumps)}${gaps === '' ? '' : `, ${gaps}`}`;
    const hint = gaps === '' ? [] : ['  hint: dumpsieve hunt status says which and why'];
    if (this.#kind === 'found')
      return [
        `found: ${countText(this.#rows)} in ${dumpsText(this.#dumps)}, ` +
          `${countText(this.#failing)} fail the gate`,
        of,
        ...hint,
      ];
    if (this.#kind === 'repeated')
      return [`secrets in more than one dump: ${countText(this.#rows)}`, of, ...hint];
    return this.#kind === 'target' ? [of, ...hint] : ['nothing found', of, ...hint];
  }
}

const TITLES: Readonly<Record<TargetPresence['target']['askedBy'], string>> = {
  'private-key': 'private key',
  'public-key': 'public key',
  digest: 'digest of a public key',
  'ssh-fingerprint': 'SSH fingerprint',
  value: 'value',
};

function targetLines(answer: TargetPresence, width: number | undefined): string[] {
  const { target, asked } = answer;
  const names = [target.name, ...(target.alsoNamed ?? [])].map(escapeText).join(', ');
  const identity = target.spki ?? target.ssh;
  return [
    `${names}: ${TITLES[target.askedBy]}${identity === undefined ? '' : ` ${identity}`}`,
    ...wordLines[answer.presence](answer),
    ...dumpLines(answer, width),
    `  searched for it completely (--find): ${countText(asked.searched)} of ${dumpsText(asked.dumps)}` +
      `${gapsText(asked) === '' ? '' : `; ${gapsText(asked)}`}`,
  ];
}

const SEARCH = 'dumpsieve hunt add --find FILE --rescan searches for it';

const wordLines: Readonly<Record<TargetPresence['presence'], (answer: TargetPresence) => string[]>> = {
  present: ({ found, answers }) => {
    const dumps = [...found, ...answers].map(({ dump }) => dump);
    const ids = new Set(dumps.map(({ id }) => id));
    const hosts = [...new Set(dumps.flatMap(({ host }) => host ?? []))].sort();
    const times = dumps.flatMap(({ at }) => at ?? []).sort();
    const when = times.length === 0 ? '' : `; ${span(times[0]!, times.at(-1))}`;
    return [`  PRESENT in ${dumpsText(ids.size)}${hosts.length > 0 ? ` of ${hostsText(hosts)}` : ''}${when}`];
  },
  'public-only': ({ answers, isProvenAbsent }) => [
    `  public half only, in ${dumpsText(answers.length)}: no private key was found`,
    isProvenAbsent
      ? '  its private half is absent: all dumps were searched for it completely'
      : `  that its private half is absent is not proven: ${SEARCH}`,
  ],
  absent: ({ asked }) => [`  absent from ${dumpsText(asked.dumps)}, each searched for it completely`],
  'not-found-by-rules': ({ target }) => [
    `  not found by the rules, which is no proof: ${SEARCH}`,
    ...(target.askedBy === 'ssh-fingerprint' || target.askedBy === 'digest'
      ? ['  hint: with the key or its certificate more is found than with a digest']
      : []),
  ],
};

function dumpLines({ found, answers }: TargetPresence, width: number | undefined): string[] {
  const rows = [
    ...found.map((each) => ({ dump: each.dump, where: placeText(each), what: secretText(each.secret) })),
    ...answers.map(({ dump, answer: { status, place, complete } }) => ({
      dump,
      where: place === undefined ? '' : placeText({ finding: { place } }),
      what:
        (status === 'present' ? 'found by --find' : 'public half') + (complete ? '' : ', not all searched'),
    })),
  ].sort((a, b) =>
    (a.dump.at ?? '') < (b.dump.at ?? '') ? -1 : (a.dump.at ?? '') > (b.dump.at ?? '') ? 1 : 0,
  );
  const cells = rows
    .slice(0, LISTED)
    .map(({ dump, where, what }) => [
      escapeText(dump.uri),
      escapeText(dump.host ?? ''),
      dump.at === undefined ? '' : minute(dump.at),
      where,
      what,
    ]);
  const lines = tableLines(columns, cells, width === undefined ? undefined : Math.max(width - 4, 60));
  const more = rows.length - LISTED;
  return [
    ...lines.map((line) => `    ${line}`),
    ...(more > 0 ? [`    and ${countText(more)} more: --format json and csv have all`] : []),
  ];
}

/** Title, masked preview and short id. */
function secretText({ title, preview, fingerprint, rule }: FoundIn['secret']): string {
  const id = fingerprint === null ? '' : ` [${fingerprint.replace(/^v1:/, '').slice(0, 8)}]`;
  // The preview of a key begins with its title.
  const shown = preview.startsWith(title) ? preview : `${title} ${preview}`.trim();
  return `${escapeText(shown)}${id} (${escapeText(rule)})`;
}

function placeText({ finding: { place } }: { finding: Pick<FoundIn['finding'], 'place'> }): string {
  const { member, offset, address, region } = place;
  const parts = [
    member === '' ? undefined : escapeText(member),
    `offset 0x${offset.toString(16)}`,
    region === undefined ? undefined : escapeText(region),
    address === undefined ? undefined : `address ${address}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** Host and time, and where they come from. */
function aboutDump({ host, hostFrom, at, atFrom, program, pid }: ShownDump): string {
  const parts = [
    host === undefined
      ? undefined
      : `host ${escapeText(host)}${hostFrom === undefined ? '' : ` (${hostFrom})`}`,
    at === undefined ? undefined : `written ${minute(at)}${atFrom === undefined ? '' : ` (${atFrom})`}`,
    program === undefined ? undefined : `${escapeText(program)}${pid === undefined ? '' : ` pid ${pid}`}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function gapsText({ notScanned, incomplete }: Asked): string {
  const parts = [
    ...(notScanned > 0 ? [`${countText(notScanned)} without a scan`] : []),
    ...(incomplete > 0 ? [`${countText(incomplete)} not read or searched completely`] : []),
  ];
  return parts.join(', ');
}

function hostsText(hosts: readonly string[]): string {
  const named = hosts.slice(0, NAMED).map(escapeText).join(', ');
  const more = hosts.length > NAMED ? ` and ${countText(hosts.length - NAMED)} more` : '';
  return `${hosts.length === 1 ? 'host' : `${countText(hosts.length)} hosts:`} ${named}${more}`;
}

const span = (first: string, last = first): string =>
  first === last ? minute(first) : `${minute(first)} to ${minute(last)}`;

/** `2026-12-01 10:00` of an ISO time, UTC. */
const minute = (time: string): string => escapeText(time.slice(0, 16).replace('T', ' '));

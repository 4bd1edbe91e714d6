import type { Example } from './corpus.js';
import type { Outcome } from './scan.js';

/** Everything that was measured of one example. */
export interface Measured {
  example: Example;
  /** By encoding. */
  outcomes: Readonly<Record<string, Outcome>>;
  /** By peer: on plain text files. */
  peers: Readonly<Record<string, boolean>>;
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const share = (count: number, all: number): string =>
  all === 0 ? '' : `${count} (${((100 * count) / all).toFixed(1)} %)`;

/** Found and, after a slash, found at medium or above, of each group. */
function table(title: string, groups: ReadonlyMap<string, readonly Measured[]>): string {
  const first = [...groups.values()].find((group) => group.length > 0)?.[0];
  if (first === undefined) return '';
  const encodings = Object.keys(first.outcomes);
  const peers = Object.keys(first.peers);
  const head = [
    title,
    'places',
    ...encodings.flatMap((name) => [`${name} found`, `${name} medium`]),
    ...peers,
  ];
  const rows = [...groups].map(([name, group]) => {
    const count = (is: (each: Measured) => boolean) => share(group.filter(is).length, group.length);
    return row([
      name,
      group.length,
      ...encodings.flatMap((encoding) => [
        count(({ outcomes }) => outcomes[encoding] !== 'missed'),
        count(({ outcomes }) => outcomes[encoding] === 'medium'),
      ]),
      ...peers.map((peer) => count((each) => each.peers[peer] === true)),
    ]);
  });
  return [row(head), row(head.map(() => '---')), ...rows].join('\n');
}

function groupBy(all: readonly Measured[], of: (example: Example) => string): Map<string, Measured[]> {
  const groups = new Map<string, Measured[]>();
  for (const each of [...all].sort((a, b) => of(a.example).localeCompare(of(b.example)))) {
    const key = of(each.example);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
}

const isReal = ({ example }: Measured): boolean => example.fake.length === 0;

/** Sources whose rules one of the peers has; their examples are left out of the second line. */
const PEERS_OWN = ['gitleaks', 'secretlint'];

export function markdown(half: string, all: readonly Measured[], byService: boolean): string {
  const real = all.filter(isReal);
  const others = real.filter(({ example }) => !PEERS_OWN.includes(example.source));
  const total = new Map([
    ['not made up', real],
    ["not made up, without the peers' own", others],
    ['made up', all.filter((each) => !isReal(each))],
  ]);
  return [
    `## ${half}`,
    table('', total),
    table(
      'source',
      groupBy(real, ({ source }) => source),
    ),
    table(
      'shape',
      groupBy(real, ({ shape }) => shape),
    ),
    ...(byService
      ? [
          table(
            'service',
            groupBy(real, ({ service }) => service),
          ),
        ]
      : []),
  ].join('\n\n');
}

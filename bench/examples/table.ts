import type { Example } from './corpus.js';
import type { Outcome } from './scan.js';

/** Everything that was measured of one example. */
export interface Measured {
  example: Example;
  /** Outcomes by encoding. */
  outcomes: Readonly<Record<string, Outcome>>;
  /** Outcome of each peer on plain text files. */
  peers: Readonly<Record<string, boolean>>;
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const share = (count: number, all: number): string => `${count} (${((100 * count) / all).toFixed(0)} %)`;

const isFound =
  (encoding: string) =>
  ({ outcomes }: Measured): boolean =>
    outcomes[encoding] !== 'missed';
const isMedium =
  (encoding: string) =>
  ({ outcomes }: Measured): boolean =>
    outcomes[encoding] === 'medium';
const isPeers =
  (peer: string) =>
  ({ peers }: Measured): boolean =>
    peers[peer] === true;

/** Of each group: found in each encoding, found at medium or above, found by the peers. */
function table(title: string, groups: ReadonlyMap<string, readonly Measured[]>): string {
  const first = [...groups.values()].find((group) => group.length > 0)?.[0];
  if (first === undefined) return '';
  const encodings = Object.keys(first.outcomes);
  const peers = Object.keys(first.peers);
  const columns: readonly (readonly [name: string, is: (each: Measured) => boolean])[] = [
    ...encodings.map((name) => [name, isFound(name)] as const),
    ...encodings.map((name) => [`medium: ${name}`, isMedium(name)] as const),
    ...peers.map((name) => [name, isPeers(name)] as const),
  ];
  const head = [title, 'places', ...columns.map(([name]) => name)];
  const rows = [...groups]
    .filter(([, group]) => group.length > 0)
    .map(([name, group]) => {
      const counts = columns.map(([, is]) => share(group.filter(is).length, group.length));
      return row([name, group.length, ...counts]);
    });
  return [row(head), row(head.map(() => '---')), ...rows].join('\n');
}

/** `UTF-8: 0.45 of what gitleaks finds`, for each encoding and peer. */
function ratios(group: readonly Measured[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const count = (is: (each: Measured) => boolean): number => group.filter(is).length;
  return Object.keys(first.peers)
    .map((peer) => {
      const theirs = count(isPeers(peer));
      const ours = Object.keys(first.outcomes).map((encoding) => {
        return `${(count(isFound(encoding)) / theirs).toFixed(2)} as ${encoding}`;
      });
      return `Places found for each one that ${peer} finds, without the peers' own: ${ours.join(', ')}.`;
    })
    .join('\n');
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
    ratios(others),
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

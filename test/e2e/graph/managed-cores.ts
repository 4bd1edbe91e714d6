import type { Holder } from './core-ways.js';
import { JAVA_WAYS } from './java-ways.js';
import { NODE_WAYS } from './node-ways.js';
import type { Way } from './ways.js';

/**
 * Ways in which a core has the name as text beside the value: entries of maps, pairs, objects of a name and a
 * value. Names of fields and properties are in tables of the runtime, which only its own dumps show.
 */
const TEXT_NAMES = new Set([
  'HashMap',
  'LinkedHashMap',
  'ConcurrentHashMap',
  'Properties',
  'Hashtable',
  'TreeMap',
  'ConcurrentSkipListMap',
  'IdentityHashMap',
  'Map.of, one',
  'Map.of, several',
  'unmodifiableMap',
  'singletonMap',
  'SimpleEntry',
  'Map.entry',
  '{name, value}',
  '{key, val}',
  'pairs in an array',
  'system property',
  'Map',
  'pair',
  'dictionary',
]);

const inCore = (ways: readonly Way[]): Way[] =>
  ways.map((each) => ({
    ...each,
    group: each.group === 'link' && !TEXT_NAMES.has(each.way) ? 'none' : each.group,
  }));

/** gcore writes what is reserved, too: else 2.7 GB. */
const SMALL = [
  '-Xmx96m',
  '-XX:+UseSerialGC',
  '-XX:CompressedClassSpaceSize=32m',
  '-XX:ReservedCodeCacheSize=48m',
];

/** The program of heap dumps, without its last way: a variable of the environment, which the stack has. */
export const javaHolder = (home: string): Holder => ({
  needs: [],
  source: 'Ways.java',
  build: [`${home}/bin/javac`, '-d', '$folder', '$source'],
  run: [`${home}/bin/java`, ...SMALL, '-cp', '$folder', 'Ways'],
  ways: inCore(JAVA_WAYS.slice(0, -1)),
});

/** The program of heap snapshots. */
export const nodeHolder = (node: string): Holder => ({
  needs: [],
  source: 'ways.cjs',
  run: [node, '$source'],
  ways: inCore(NODE_WAYS),
});

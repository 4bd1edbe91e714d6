const SHAPES = [
  'none',
  'environment',
  'assignment',
  'json',
  'header',
  'query',
  'connection',
  'option',
  'call',
  'beside',
  'element',
  'userinfo',
  'pair',
  'scheme',
  'spaced',
  'line',
  'owner',
] as const;
export type PlaceShape = (typeof SHAPES)[number];

/** Shapes as a report names them. */
export const SHAPE_WORDS: Readonly<Record<PlaceShape, string>> = {
  none: 'the text before it',
  environment: 'an environment entry',
  assignment: 'an assignment',
  json: 'a pair with a quoted name',
  header: 'a header or a line of settings',
  query: 'a query string',
  connection: 'a connection string',
  option: 'a command-line option',
  call: 'a call',
  beside: 'the text before it in a list',
  element: 'an XML element',
  userinfo: 'the user information of a URL',
  pair: 'a name beside its value',
  scheme: 'an authorization scheme',
  spaced: 'the word before it',
  line: 'the line before it',
  owner: 'what holds it',
};

/** The place of a value: what shape the text before it has, and the name there. */
export class ValuePlace {
  shape: PlaceShape = 'none';
  /** The name in the context. */
  nameStart = 0;
  nameEnd = 0;
  /** Where the whole value begins in the context: a piece such as `abc.` may precede its run. */
  value = 0;
  /** The quote before the value, or 0. */
  quote = 0;
  /** A blank before a name whose words may be several: `api key: …`. */
  prose = false;
  /** {@link prose} without `=`: the line may be a sentence. */
  sentence = false;
}

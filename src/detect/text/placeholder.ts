/** Texts in the shape of a token that are none: placeholders of documentation, masks and tests. */

/** Length of a run of equal or consecutive characters; random base62 has one in 10^7 tokens. */
const RUN = 6;
/** In tokens of more than 128 characters a run must be this share: AWS session tokens contain ten slashes. */
const SHARE = 4;

const WORDS = new RegExp(
  [
    'example|sample|placeholder|change_?-?me|your[_-]|_here|dummy|foobar|redacted|masked|not-?a-?real|insert',
    'deadbeef|qwerty|asdfgh',
  ].join('|'),
  'i',
);

/** Length of the longest run in which the character code changes by `step`. */
function longestRun(text: string, step: number): number {
  let longest = 0;
  let run = 1;
  for (let i = 1; i <= text.length; i++) {
    if (i < text.length && text.charCodeAt(i) - text.charCodeAt(i - 1) === step) run++;
    else {
      longest = Math.max(longest, run);
      run = 1;
    }
  }
  return longest;
}

/** True if `text` is a unit of at most 12 characters repeated three or more times. */
function isCycle(text: string): boolean {
  for (let unit = 1; unit <= 12 && unit * 3 <= text.length; unit++) {
    if (text.slice(unit) === text.slice(0, -unit)) return true;
  }
  return false;
}

const isLongRun = (run: number, text: string): boolean =>
  run >= Math.max(RUN, Math.min(text.length, 1e4) > 128 ? text.length / SHARE : 0);

/** Reasons as in the report, in order of precedence. None repeats the text. */
const signs: readonly { why: string; holds: (text: string) => boolean }[] = [
  { why: 'one character repeated', holds: (text) => isLongRun(longestRun(text, 0), text) },
  {
    why: 'a sequence',
    holds: (text) => isLongRun(Math.max(longestRun(text, 1), longestRun(text, -1)), text),
  },
  { why: 'a short text repeated', holds: isCycle },
  { why: 'few different characters', holds: (text) => text.length >= 16 && new Set(text).size <= 4 },
  { why: 'a word that documentation uses', holds: (text) => WORDS.test(text) },
];

/** Why the part of a token after its issuer's prefix looks like a placeholder, or undefined. */
export function placeholder(body: string): string | undefined {
  return signs.find(({ holds }) => holds(body))?.why;
}

/** Passwords of examples and default installations. */
const STOCK_PASSWORDS: ReadonlySet<string> = new Set(
  [
    'pass passw passwd password password1 pw pwd secret test testing user username admin root postgres mysql',
    'redis guest mypassword mypass my-password my_password userpass hunter2 s3cret s3cr3t p4ssw0rd passw0rd',
    '123456 12345678 letmein default none null undefined changeme changeit welcome tiger',
  ].flatMap((line) => line.split(' ')),
);

/** Why a password looks like a placeholder, or undefined. */
export function stockPassword(password: string): string | undefined {
  if (STOCK_PASSWORDS.has(password.toLowerCase())) return 'a password of examples and default installations';
  return placeholder(password);
}

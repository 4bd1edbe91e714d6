/**
 * A random text that matches a pattern, and the place of its group `secret`. Supports literals, escapes,
 * bracket expressions, groups, alternation, ?, *, +, {n,m}. `random` returns numbers in [0, 1).
 */
export function textOf(pattern: string, random: () => number): { text: string; start: number; end: number } {
  let at = 0;
  let text = '';
  let start = 0;
  let end = 0;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

  const bracket = (): string[] => {
    const set: string[] = [];
    for (at++; pattern[at] !== ']'; at++) {
      const escaped = pattern[at] === '\\';
      if (escaped) at++;
      const from = pattern[at]!;
      if (escaped && from === 's') set.push(' ');
      else if (pattern[at + 1] === '-' && pattern[at + 2] !== ']') {
        at += 2;
        for (let c = from.charCodeAt(0); c <= pattern.charCodeAt(at); c++) set.push(String.fromCharCode(c));
      } else set.push(from);
    }
    at++;
    return set;
  };

  /** Repetitions of the atom before `at`; unbounded ones are kept short. */
  const count = (): number => {
    const braces = /^\{(\d+)(,?)(\d*)\}/.exec(pattern.slice(at));
    const simple = ({ '?': [0, 1], '*': [0, 3], '+': [1, 4] } as Record<string, [number, number]>)[
      pattern[at] ?? ''
    ];
    at += braces?.[0].length ?? (simple === undefined ? 0 : 1);
    const least = braces ? Number(braces[1]) : (simple?.[0] ?? 1);
    const most = braces ? (braces[2] === '' ? least : Number(braces[3] || least + 5)) : (simple?.[1] ?? 1);
    return least + Math.floor(random() * (Math.min(most, least + 40) - least + 1));
  };

  /** End of the group or alternative that starts at `from`, and the starts of its alternatives. */
  const branches = (from: number): { starts: number[]; close: number } => {
    const starts = [from];
    let depth = 0;
    let i = from;
    for (; i < pattern.length; i++) {
      if (pattern[i] === '\\') i++;
      else if (pattern[i] === '[') while (pattern[i] !== ']') i += pattern[i] === '\\' ? 2 : 1;
      else if (pattern[i] === '(') depth++;
      else if (pattern[i] === ')' && depth-- === 0) break;
      else if (pattern[i] === '|' && depth === 0) starts.push(i + 1);
    }
    return { starts, close: i };
  };

  const sequence = (from: number, stop: number): void => {
    at = from;
    while (at < stop && pattern[at] !== '|') atom();
  };

  const group = (): void => {
    const head = /^\((?:\?:|\?P<secret>)/.exec(pattern.slice(at))![0];
    const named = head.includes('secret');
    const { starts, close } = branches(at + head.length);
    at = close + 1;
    const times = count();
    const after = at;
    for (let i = 0; i < times; i++) {
      if (named) start = text.length;
      sequence(pick(starts), close);
      if (named) end = text.length;
    }
    at = after;
  };

  const atom = (): void => {
    const c = pattern[at]!;
    if (c === '(') {
      group();
      return;
    }
    let set = [c];
    if (c === '[') set = bracket();
    else if (c === '\\') {
      set = [pattern[at + 1] === 's' ? ' ' : pattern[at + 1]!];
      at += 2;
    } else at++;
    for (let n = count(); n > 0; n--) text += pick(set);
  };

  sequence(0, pattern.length);
  return { text, start, end };
}

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substituted));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The name closest to `wrong`, or undefined if none is close. */
export function closest(wrong: string, names: readonly string[]): string | undefined {
  const part = names.find(
    (name) => wrong.length >= 4 && (name.includes(wrong) || (name.length >= 4 && wrong.includes(name))),
  );
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - wrong.length) >= least) continue;
    const distance = editDistance(wrong, name);
    if (distance < least) {
      best = name;
      least = distance;
    }
  }
  return best ?? part;
}

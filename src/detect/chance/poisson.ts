/** ln n!, by Stirling's series (DLMF 5.11.1); exact enough (1e-9) from n = 16 on, below by the product. */
function lnFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
}

const massAt = (n: number, mean: number): number => Math.exp(n * Math.log(mean) - mean - lnFactorial(n));

/** Terms below this share of the first one are left out. */
const NEGLIGIBLE = 1e-12;

/** Probability of at least `least` events of a Poisson distribution. */
export function atLeast(least: number, mean: number): number {
  if (least <= 0) return 1;
  if (mean <= 0) return 0;
  // Terms fall from the mode on, away from it: the shorter tail is summed.
  let sum = 0;
  if (least > mean) {
    const first = massAt(least, mean);
    let term = first;
    for (let n = least; term > first * NEGLIGIBLE; n++) {
      sum += term;
      term *= mean / (n + 1);
    }
    return Math.min(1, sum);
  }
  const first = massAt(least - 1, mean);
  let term = first;
  for (let n = least - 1; n >= 0 && term > first * NEGLIGIBLE; n--) {
    sum += term;
    term *= n / mean;
  }
  return Math.max(0, 1 - sum);
}

/**
 * The greatest probability of at least some number of events that is not above `most`: how likely one of
 * `most` or less is. `most` is below 1/2.
 */
export function attainable(most: number, mean: number): number {
  // The median is at least mean - ln 2 (Choi 1994): floor(mean) events or more are at least as likely as 1/2.
  let above = Math.floor(mean);
  let step = 1;
  for (; atLeast(above + step, mean) > most; step *= 2) above += step;
  for (let end = above + step; end - above > 1; ) {
    const middle = Math.floor((above + end) / 2);
    if (atLeast(middle, mean) > most) above = middle;
    else end = middle;
  }
  return atLeast(above + 1, mean);
}

// The kernel of the number search: WebAssembly without SIMD, one module of seven parts.
//   join.as.ts       joins of low words through bitmaps, and known words at every byte of a range
//   field.as.ts      Montgomery arithmetic for odd primes: curve equations, batched fixed-base multiplication
//   jacobian.as.ts   points in Jacobian coordinates among neighbouring numbers
//   divides.as.ts    exact-division test for all pairs of two lists
//   fractions.as.ts  quotients close to a fraction with a small denominator
//   crt.as.ts        primes and their CRT exponents
//   smooth.as.ts     small primes shared by two long numbers
// The host (src/search/core/kernel.ts) lays out the memory and passes addresses; the kernel allocates
// nothing.
export { clear, join, mark, markLows, markNear, markTops, probe, probeBytes, probeNear } from './join.as';
export { comb, convert, equation, fillTable, powers } from './field.as';
export { jacobian } from './jacobian.as';
export { dividing } from './divides.as';
export { exponentPairs } from './fractions.as';
export { crtNeighbours, crtPairs } from './crt.as';
export { commonPrimes, sieve } from './smooth.as';

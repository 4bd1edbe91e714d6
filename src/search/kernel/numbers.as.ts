// The kernel of the number search: plain WebAssembly (no SIMD), one module of seven parts.
//   join.as.ts     products of two low words against a bitmap, and known words at every byte of a range
//   field.as.ts    Montgomery arithmetic of any odd prime: curve equations and fixed-base multiplication in batches
//   jacobian.as.ts points in Jacobian coordinates among numbers that lie near each other
//   divides.as.ts  which numbers divide which others
//   fractions.as.ts  quotients near a fraction with a small denominator
//   smooth.as.ts   small primes that two long numbers share
//   heads.as.ts    headers of signatures
// The host (kernel.ts) lays out the memory and passes addresses; nothing is allocated here.
export { clear, join, mark, markLows, markNear, markTops, probe, probeBytes, probeNear } from './join.as';
export { comb, convert, equation, fillTable, powers } from './field.as';
export { jacobian } from './jacobian.as';
export { lengthHeads, signatureHeads } from './heads.as';
export { dividing } from './divides.as';
export { exponentPairs } from './fractions.as';
export { commonPrimes, sieve } from './smooth.as';

// The kernel for pairs of numbers, with what Curve25519 alone has.

export * from './pairs.as';
export { toEdwards } from './pair-edwards.as';

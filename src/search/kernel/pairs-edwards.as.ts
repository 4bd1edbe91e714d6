// The pair kernel, with the coordinates of Curve25519.

export * from './pairs.as';
export { toEdwards } from './pair-edwards.as';

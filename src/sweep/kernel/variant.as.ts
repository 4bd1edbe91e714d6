// Whether the entropy, digit and text nets are part of the pass. build.mjs substitutes true for the fused
// kernels.
export const NOISE: bool = false;

// Which nets hang in the pass. build.mjs puts the other value here for the fused kernels.
export const NOISE: bool = false;

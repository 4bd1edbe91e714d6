import type { Kernel } from '../../../src/sweep/kernel.js';
import {
  KERNELS as ALL,
  type KernelName as Compiled,
  kernelFor as compiledFor,
} from '../../../src/sweep/kernel-select.js';
import type { Net } from '../../../src/sweep/types.js';
import { ScalarKernel } from './scalar-kernel.js';

/** The kernels, and the oracle. */
export const KERNELS = [...ALL, 'scalar'] as const;
export type KernelName = Compiled | 'scalar';

const scalar = new Map<boolean, ScalarKernel>();

/** As kernelFor of src/sweep, for the oracle too. */
export function kernelFor(name: KernelName, net: Net, runs = false): Kernel {
  if (name !== 'scalar') return compiledFor(name, net, runs);
  const fused = runs || net.values !== undefined;
  const kernel = scalar.get(fused) ?? new ScalarKernel(fused);
  scalar.set(fused, kernel);
  kernel.load(net);
  return kernel;
}

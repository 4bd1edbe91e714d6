import { WEI25519 } from '../../asn1/domain.js';
import type { Kernel } from '../core/kernel.js';
import type { CurveNumbers } from './curve-numbers.js';
import { KernelCurve } from './kernel-curve.js';

/** Numbers of 32 octets that are enough to be multiplied in the kernel (curve25519.ts). */
const ENOUGH = 192;

/**
 * Tables and code of the two curves on which nearly every dump has numbers multiplied, once there are enough of these: while the sweep goes on, and this
 * thread waits for it.
 */
export class WarmUp {
  readonly #kernel: Kernel;
  readonly #curves: readonly KernelCurve[];
  #isDone = false;

  constructor(kernel: Kernel, curves: readonly KernelCurve[]) {
    this.#kernel = kernel;
    this.#curves = curves;
  }

  for({ bySize }: CurveNumbers): void {
    if (this.#isDone || bySize.get(32)!.length < ENOUGH) return;
    this.#isDone = true;
    this.#curves.find(({ domain }) => domain.name === 'secp256k1')?.warmUp();
    this.#kernel.scratch(() => new KernelCurve(this.#kernel, WEI25519).warmUp());
  }
}

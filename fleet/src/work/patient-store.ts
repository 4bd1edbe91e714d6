import type { Store } from '../store/store.js';
import type { Patience } from './patience.js';

/**
 * A store whose statements are repeated while it cannot be reached, but for `fail`: a connection that is lost
 * while it commits would count a crash twice.
 */
export function patientStore(store: Store, patience: Patience): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      // The store itself is `this`: a proxy has no private fields.
      const call = async (...given: unknown[]): Promise<unknown> => Reflect.apply(value, target, given);
      return name === 'close' || name === 'fail'
        ? call
        : (...given: unknown[]) => patience.of(() => call(...given));
    },
  });
}

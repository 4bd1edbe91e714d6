import type { Store } from '../store/store.js';
import type { Patience } from './patience.js';

/** A store whose statements are repeated while it cannot be reached. */
export function patientStore(store: Store, patience: Patience): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name === 'close') return value.bind(target) as unknown;
      return (...given: unknown[]) => patience.of(async () => Reflect.apply(value, target, given) as unknown);
    },
  });
}

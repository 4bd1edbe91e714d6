/** The fields of `T` whose type has no `undefined` as they are; the others optional, without `undefined`. */
type Defined<T> = {
  -readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  -readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * A copy without the fields that are undefined, in the same order: optional fields of an object literal
 * (`exactOptionalPropertyTypes` does not take an explicit `undefined`).
 */
export function definedFields<const T extends object>(fields: T): Defined<T>;
export function definedFields(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

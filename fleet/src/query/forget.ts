import { failure } from '../host.js';

export interface ForgetOptions {
  store: string;
  /** Paths or URIs of dumps, or globs. */
  dumps: readonly string[];
}

export interface ForgetResult {
  dumps: number;
}

/** Removes dumps from a store, and the results of content that no other dump has. */
export async function forget(_options: ForgetOptions): Promise<ForgetResult> {
  throw failure({ code: 'not-built', message: 'hunt forget is not built yet' });
}

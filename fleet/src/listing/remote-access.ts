/**
 * What opens objects of a run: clients of buckets, connections, and the queries that sign URLs, which are in
 * memory alone. Listing and reading share one.
 */
export class RemoteAccess {
  constructor(_options: { allowEgress?: boolean; environment?: NodeJS.ProcessEnv } = {}) {}

  /** Ends idle connections, and forgets the queries. */
  close(): void {}
}

import { Buckets } from './buckets.js';
import { PATIENCE, type Patience } from './retry.js';
import { UrlQueries } from './url-queries.js';
import { WebClient } from './web-client.js';

export interface AccessOptions {
  /** Buckets of another region may be read. */
  allowEgress?: boolean;
  /** Waiting times, for tests. */
  patience?: Patience;
}

/**
 * What opens objects of a run: clients of buckets, connections, and the queries that sign URLs, which are in
 * memory alone. Listing and reading share one. Throws `wrong-url-query` (exit 3).
 */
export class RemoteAccess {
  readonly patience: Patience;
  readonly queries = new UrlQueries();
  readonly buckets: Buckets;
  readonly web: WebClient;

  constructor({ allowEgress = false, patience = PATIENCE }: AccessOptions = {}) {
    this.patience = patience;
    this.buckets = new Buckets(allowEgress, patience);
    this.web = new WebClient(this.queries, patience);
  }

  /** Ends idle connections, and forgets the queries. */
  close(): void {
    this.queries.forget();
    this.buckets.close();
    this.web.close();
  }
}

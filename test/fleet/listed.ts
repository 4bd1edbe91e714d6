import { useHost } from '../../fleet/src/host.js';
import { parseLabel } from '../../fleet/src/listing/label.js';
import { listDumps } from '../../fleet/src/listing/list-dumps.js';
import { RemoteAccess } from '../../fleet/src/listing/remote-access.js';
import type { Patience } from '../../fleet/src/listing/retry.js';
import type { ListedDump } from '../../fleet/src/model/dump.js';
import type { Warning } from '../../src/core/base/runtime/warnings.js';
import * as dumpsieve from '../../src/index.js';

useHost(dumpsieve);

/** Waiting times of tests: milliseconds. */
const QUICK: Patience = { attempts: 3, first: 10, most: 50, connect: 5_000, answer: 500, stall: 500 };

export interface Listed {
  dumps: ListedDump[];
  batches: number[];
  notices: Warning[];
  codes: string[];
  wholes: string[];
}

/** Runs `body` with what opens remote dumps. */
export async function withAccess<T>(
  body: (access: RemoteAccess) => Promise<T>,
  options: ConstructorParameters<typeof RemoteAccess>[0] = {},
): Promise<T> {
  const access = new RemoteAccess({ patience: QUICK, ...options });
  try {
    return await body(access);
  } finally {
    access.close();
  }
}

export async function listedBy(
  access: RemoteAccess,
  inputs: readonly string[],
  { labels = [], signal }: { labels?: readonly string[]; signal?: AbortSignal } = {},
): Promise<Listed> {
  const listed: Listed = { dumps: [], batches: [], notices: [], codes: [], wholes: [] };
  const batches = listDumps(inputs, {
    access,
    labels: labels.map(parseLabel),
    ...(signal === undefined ? {} : { signal }),
    onNotice: (notice) => {
      listed.notices.push(notice);
      listed.codes.push(`${notice.effect} ${notice.code}`);
    },
    onWhole: (prefix) => listed.wholes.push(prefix),
  });
  for await (const batch of batches) {
    listed.batches.push(batch.length);
    listed.dumps.push(...batch);
  }
  return listed;
}

/** Everything that some inputs list. */
export const list = (
  inputs: readonly string[],
  options: Parameters<typeof listedBy>[2] & ConstructorParameters<typeof RemoteAccess>[0] = {},
): Promise<Listed> => withAccess((access) => listedBy(access, inputs, options), options);

export const uris = ({ dumps }: Listed): string[] => dumps.map(({ uri }) => uri);

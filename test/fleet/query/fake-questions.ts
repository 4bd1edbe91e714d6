import type { Asked, FoundIn, ShownDump } from '../../../fleet/src/model/answers.js';
import type { TargetAnswer } from '../../../fleet/src/model/scan-result.js';
import type { Target } from '../../../fleet/src/model/target.js';
import type { Questions, SecretNames } from '../../../fleet/src/store/questions.js';

const unasked = (): never => {
  throw new Error('not asked for in this test');
};

/** A dump of a made-up store: what the rules have found in it, and what --find has said of targets. */
export interface FakeDump {
  shown?: Partial<ShownDump>;
  found?: readonly Pick<FoundIn, 'secret' | 'finding'>[];
  answers?: readonly TargetAnswer[];
  state?: 'complete' | 'incomplete' | 'not-scanned';
}

/** Answers as a store does, by plain loops over all dumps. Filters are not looked at. */
export class FakeQuestions implements Questions {
  readonly place = 'fake';
  readonly #dumps: readonly (FakeDump & { dump: ShownDump })[];

  constructor(dumps: readonly FakeDump[]) {
    this.#dumps = dumps.map((each, i) => ({
      ...each,
      dump: {
        id: i,
        uri: `file://here/${i}`,
        size: 100,
        complete: each.state !== 'incomplete',
        ...each.shown,
      },
    }));
  }

  async *findings(names: SecretNames | undefined): AsyncGenerator<FoundIn> {
    for (const { dump, found = [] } of this.#dumps)
      for (const each of found) if (names === undefined || isOf(each, names)) yield { dump, ...each };
  }

  async answers(digests: readonly string[]) {
    return this.#dumps.flatMap(({ dump, answers = [] }) => {
      const given = answers.filter(({ target, status }) => digests.includes(target) && status !== 'absent');
      const best = given.find(({ status }) => status === 'present') ?? given[0];
      return best === undefined ? [] : [{ dump, answer: best }];
    });
  }

  async asked(digests: readonly string[]): Promise<Asked> {
    const searched = this.#dumps.filter(({ answers = [] }) => {
      const own = answers.filter(({ target }) => digests.includes(target));
      return own.some(({ complete }) => complete) && own.every(({ status }) => status !== 'present');
    });
    const inState = (state: FakeDump['state']) => this.#dumps.filter((each) => each.state === state).length;
    return {
      dumps: this.#dumps.length,
      bytes: 100 * this.#dumps.length,
      notScanned: inState('not-scanned'),
      incomplete: inState('incomplete'),
      searched: searched.length,
    };
  }

  repeated = unasked;
  standing = unasked;
  failures = unasked;
  forgettable = unasked;
  forget = unasked;
  forgetFailures = unasked;
  forgetRuleset = unasked;
  async close(): Promise<void> {}
}

function isOf({ secret }: Pick<FoundIn, 'secret'>, names: SecretNames): boolean {
  const { fingerprint, spki, ssh, jwk } = secret;
  return (
    (fingerprint !== null && names.fingerprints.includes(fingerprint)) ||
    (spki !== undefined && spki === names.spki) ||
    (ssh !== undefined && ssh === names.ssh) ||
    (jwk !== undefined && jwk === names.jwk)
  );
}

const DIGEST = 'ab'.repeat(32);

/** Targets that are one key, and a value. */
export const TARGETS = {
  privateKey: {
    digest: `private:${DIGEST}`,
    name: 'prod.pem',
    askedBy: 'private-key',
    spki: DIGEST,
    ssh: 'SHA256:key',
    fingerprints: [`v1:${DIGEST}`],
  },
  publicKey: {
    digest: `public:${DIGEST}`,
    name: 'prod.crt',
    askedBy: 'public-key',
    spki: DIGEST,
    ssh: 'SHA256:key',
    fingerprints: [`v1:${DIGEST}`],
  },
  digest: {
    digest: `sha256:${DIGEST}`,
    name: 'list',
    askedBy: 'digest',
    spki: DIGEST,
    fingerprints: [`v1:${DIGEST}`],
  },
  ssh: {
    digest: 'ssh:SHA256:key',
    name: 'known',
    askedBy: 'ssh-fingerprint',
    ssh: 'SHA256:key',
    fingerprints: [],
  },
  value: {
    digest: `v1:${'cd'.repeat(32)}`,
    name: 'f.env: DB_PASSWORD',
    askedBy: 'value',
    fingerprints: [`v1:${'cd'.repeat(32)}`],
  },
} as const satisfies Record<string, Target>;

const PLACE = { member: '', offset: 4096, length: 32, region: 'heap' };

/** The key of the targets, as a rule finds it. */
export const foundKey: Pick<FoundIn, 'secret' | 'finding'> = {
  secret: {
    fingerprint: `v1:${DIGEST}`,
    spki: DIGEST,
    ssh: 'SHA256:key',
    kind: 'private-key',
    rule: 'pem-private-key',
    title: 'RSA private key',
    severity: 'critical',
    preview: 'RSA private key, 2048 bits',
  },
  finding: { confidence: 'proven', counts: true, occurrences: 2, place: PLACE },
};

/** The value of the targets, as a rule finds it. */
export const foundValue: Pick<FoundIn, 'secret' | 'finding'> = {
  secret: {
    fingerprint: TARGETS.value.fingerprints[0],
    kind: 'credential',
    rule: 'named-secret:password',
    title: 'Password in a text',
    severity: 'high',
    preview: '(10)',
  },
  finding: { confidence: 'medium', counts: true, occurrences: 1, place: PLACE },
};

export const answer = (
  target: keyof typeof TARGETS,
  status: TargetAnswer['status'],
  complete = true,
): TargetAnswer => ({
  target: TARGETS[target].digest,
  status,
  complete,
  ...(status === 'absent' ? {} : { place: PLACE }),
});

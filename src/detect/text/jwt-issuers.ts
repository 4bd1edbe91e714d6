import type { Severity } from '../../core/model/report.js';

/** What the claims of a JSON Web Token say of its issuer: which tokens open more than one application. */

type Json = Readonly<Record<string, unknown>>;

export interface Issuer {
  title: string;
  /** Severity of a token that expires, and of one that does not. */
  severity: Severity;
  withoutExpiry: Severity;
}

interface IssuerRow extends Issuer {
  issued(issuer: string, payload: Json): boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const ISSUERS: readonly IssuerRow[] = [
  {
    title: 'Kubernetes service account token',
    severity: 'medium',
    // A legacy token has no expiry, like a password.
    withoutExpiry: 'high',
    issued: (issuer, payload) =>
      issuer === 'kubernetes/serviceaccount' || typeof payload['kubernetes.io'] === 'object',
  },
  {
    // The metadata service issues them too, for a managed identity.
    title: 'Microsoft Entra access token',
    severity: 'medium',
    withoutExpiry: 'medium',
    issued: (issuer, payload) =>
      /^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.(?:com|us))\//.test(issuer) &&
      (isText(payload.appid) || isText(payload.azp) || isText(payload.scp) || payload.idtyp === 'app'),
  },
];

/** The issuer of a token with these claims, if the table has it. */
export function issuerOf(payload: Json): Issuer | undefined {
  const { iss } = payload;
  return isText(iss) ? ISSUERS.find(({ issued }) => issued(iss, payload)) : undefined;
}

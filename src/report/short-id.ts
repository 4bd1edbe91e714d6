/** The short id of a finding: the first 8 hex digits of its fingerprint, which begins with `v1:`. */
export const shortId = (fingerprint: string): string => fingerprint.slice('v1:'.length, 'v1:'.length + 8);

/** The short id of a finding: the first 8 hexadecimal digits of its fingerprint, after `v1:`. */
export const shortId = (fingerprint: string): string => /^v1:([0-9a-f]{8})/.exec(fingerprint)?.[1] ?? '';

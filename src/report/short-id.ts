/** The short id of a finding: the first 8 hexadecimal digits of its fingerprint, after `v1:`. */
export const shortId = (fingerprint: string): string => fingerprint.slice('v1:'.length, 'v1:'.length + 8);

/** Short name of a finding: the first 8 hexadecimal digits of its fingerprint, behind `v1:`. */
export const shortId = (fingerprint: string): string => fingerprint.slice(3, 11);

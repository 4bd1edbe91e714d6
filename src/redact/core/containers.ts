import type { Container } from '../../source/containers.js';

/** What to do instead of a copy of a container that is not written here. */
export function insteadOf({ treatment }: Container): string {
  if ('decode' in treatment) return 'decode it, and copy what it holds';
  const { stream } = treatment;
  return stream === undefined
    ? 'unpack it into a folder, and copy that: dumpsieve redact FOLDER -o COPIES'
    : `decode it, and compress the copy: ${stream} FILE | dumpsieve redact - -o COPY`;
}

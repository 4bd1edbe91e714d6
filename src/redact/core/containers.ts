import type { Container } from '../../source/containers/decoding/container.js';

/** What to do instead of a copy of a container that is not written here. */
export const insteadOf = ({ stream }: Container): string =>
  stream === undefined
    ? 'unpack it into a folder, and copy that: dumpsieve redact FOLDER -o COPIES'
    : `decode it, and compress the copy: ${stream} FILE | dumpsieve redact - -o COPY`;

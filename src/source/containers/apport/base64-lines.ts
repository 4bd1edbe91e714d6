import { type ContainerDecoder, corrupt, reportLost } from '../decoding/decoder.js';

const PIECE = 64 * 1024;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Lines that are each base64 on its own (RFC 4648, section 4), after a blank. */
export const decodeBase64Lines: ContainerDecoder = async function* (input, report) {
  let line = '';
  for (let atEnd = false; !atEnd; ) {
    const start = input.offset;
    const bytes = Buffer.from(input.peek(PIECE));
    atEnd = bytes.length < PIECE;
    input.skip(bytes.length);
    const pieces = bytes.toString('latin1').split('\n');
    const content: Buffer[] = [];
    let damaged = false;
    for (const [index, piece] of pieces.entries()) {
      line += piece.replace(/[ \r]/g, '');
      const ends = atEnd || index < pieces.length - 1;
      const text = ends ? line : line.slice(0, line.length - (line.length % 4));
      damaged = !BASE64.test(text) || text.length % 4 !== 0;
      if (damaged) break;
      content.push(Buffer.from(text, 'base64'));
      line = line.slice(text.length);
    }
    yield Buffer.concat(content);
    if (damaged) return reportLost(report, corrupt('base64', start));
  }
};

import { redact } from '../../api/redact.js';
import { send, serve } from '../../scan/child/child-start.js';
import { type CopyRequest, failed, type ToChild } from '../../scan/child/messages.js';
import { COPY } from './staged-copy.js';

/** The process of one copy: its dump is its standard input, the copy is written to its working folder. */

type Asked = Extract<ToChild<CopyRequest>, CopyRequest>;

async function copy({ request, options }: Asked): Promise<void> {
  try {
    await send({ type: 'started', request });
    await redact({ ...options, input: '-', output: COPY });
    await send({ type: 'done', request });
  } catch (error) {
    await send({ ...failed('copy', error), request });
  }
}

await serve((message: Asked) => void copy(message));

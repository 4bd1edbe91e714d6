/** A process with a scanning child: prints the child's process id, and waits. */
import { ScanChild } from 'dumpsieve';

async function* endless(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('the beginning');
  await new Promise(() => {});
}

const child = await ScanChild.open();
const events = child.scan({ name: 'endless', bytes: endless() });
process.stdout.write(`${child.pid}\n`);
for await (const _ of events);

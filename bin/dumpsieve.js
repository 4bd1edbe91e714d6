#!/usr/bin/env node
const { Program } = require('./load.js');

const program = new Program();

/** The program. Without it nothing is found or missed: the status is that of an internal error. */
function loaded() {
  try {
    return program.load('main.cjs');
  } catch {
    const what = 'a part of this program does not load';
    process.stderr.write(`dumpsieve: installation-broken: ${what}\n  hint: install it again (npm ci)\n`);
    process.exit(3);
  }
}

async function run() {
  if (!program.has('main.cjs')) {
    const { buildFirst } = require('./first-run.js');
    const status = await buildFirst();
    if (status !== 0) return status;
  }
  return loaded().main(process.argv);
}

run().then((status) => {
  process.exitCode = status;
  // Once all output is written: otherwise Node tears its heap down
  // first, which takes as long as sweeping several megabytes.
  setImmediate(() => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  });
});

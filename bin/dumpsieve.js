#!/usr/bin/env node
const { Program } = require('./load.js');

const program = new Program();

async function run() {
  if (!program.has('main.cjs')) {
    const { buildFirst } = require('./first-run.js');
    const status = await buildFirst();
    if (status !== 0) return status;
  }
  return program.load('main.cjs').main(process.argv);
}

run().then((status) => {
  process.exitCode = status;
  // Once all output is written: otherwise Node tears its heap down
  // first, which takes as long as sweeping several megabytes.
  setImmediate(() => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  });
});

#!/usr/bin/env node
const { Program } = require('./load.js');

/** The program. Without it nothing is found or missed: the status is that of an internal error. */
function loaded() {
  try {
    return new Program().load('main.cjs');
  } catch {
    const what = 'a part of this program does not load';
    process.stderr.write(`dumpsieve: installation-broken: ${what}\n  hint: install it again (npm ci)\n`);
    process.exit(3);
  }
}

loaded()
  .main(process.argv)
  .then((status) => {
    process.exitCode = status;
    // Once all output is written: otherwise Node tears its heap down
    // first, which takes as long as sweeping several megabytes.
    setImmediate(() => {
      if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
    });
  });

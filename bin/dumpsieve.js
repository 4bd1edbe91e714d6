#!/usr/bin/env node
const { Program } = require('./load.js');

new Program()
  .load('main.cjs')
  .main(process.argv)
  .then((status) => {
    process.exitCode = status;
    // Once all output is written: otherwise Node tears its heap down
    // first, which takes as long as sweeping several megabytes.
    setImmediate(() => {
      if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
    });
  });

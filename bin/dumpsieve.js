#!/usr/bin/env node
const { Program } = require('./load.js');

new Program()
  .load('main.cjs')
  .main(process.argv)
  .then((status) => {
    process.exitCode = status;
    // Else Node takes its heap apart first, which lasts as long as to sweep some megabytes. What could not be written is told before.
    setImmediate(() => {
      if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
    });
  });

#!/usr/bin/env node
const { Program } = require('./load.js');

new Program()
  .load('main.cjs')
  .main(process.argv)
  .then((status) => {
    process.exitCode = status;
    // Else Node takes its heap apart first, which takes as long as to sweep some megabytes.
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  });

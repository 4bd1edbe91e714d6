#!/usr/bin/env node
const { Program } = require('./load.js');

new Program()
  .load('main.cjs')
  .main(process.argv)
  .then((status) => {
    process.exitCode = status;
  });

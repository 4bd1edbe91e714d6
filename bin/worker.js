// A worker of the sweep: its part of the program, with the code cache.
const { Program } = require('./load.js');

new Program('threads').load('worker.cjs');

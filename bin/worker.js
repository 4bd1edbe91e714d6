// A thread of the sweep: its part of the program, with what was compiled of it.
const { Program } = require('./load.js');

new Program('threads').load('worker.cjs');

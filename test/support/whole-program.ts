import { addLateVerbs, createProgram } from '../../src/cli/program.js';

const ignored = () => {};

/** The program with all its verbs. */
export const wholeProgram = await addLateVerbs(createProgram(ignored), ignored);

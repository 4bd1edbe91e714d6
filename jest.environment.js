import { appendFileSync, readFileSync } from 'node:fs';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

// jest's sandbox looks up each global (Buffer, BigInt, Math, undefined) through an interceptor and a proxy,
// which makes arithmetic in a test three times as slow. A plain context isolates test files as well.
const { createContext } = vm;
vm.createContext = (_sandbox, options) => createContext(vm.constants.DONT_CONTEXTIFY, options);

/** Milliseconds of processor time: this process, its threads and, on Linux, its children that ended. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + (process.platform === 'linux' ? timeOfChildren() : 0);
}

/** cutime and cstime of proc_pid_stat(5), in hundredths of a second. */
function timeOfChildren() {
  const [, after] = /^.*\) (.*)$/s.exec(readFileSync('/proc/self/stat', 'latin1'));
  const [user, system] = after.split(' ').slice(13, 15);
  return (Number(user) + Number(system)) * 10;
}

/** Writes the processor time of each test file for the test command (test/support/times.ts). */
export default class extends TestEnvironment {
  #path;
  #before = processorTime();

  constructor(config, context) {
    super(config, context);
    this.#path = context.testPath;
  }

  async teardown() {
    await super.teardown();
    const file = process.env.DUMPSIEVE_TEST_TIMES;
    const time = Math.round(processorTime() - this.#before);
    if (file !== undefined) appendFileSync(file, `${this.#path}\t${time}\n`);
  }
}

import { appendFileSync, readFileSync } from 'node:fs';
import { TestEnvironment } from 'jest-environment-node';

/** Milliseconds of processor time: this process, its threads and, on Linux, its children. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + (process.platform === 'linux' ? timeOfChildren() : 0);
}

/** Those that ended, and those that go on, such as a warm program (test/support/warm.ts). */
function timeOfChildren() {
  const [cutime, cstime] = times('self').slice(2);
  const going = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').split(' ').filter(Boolean);
  return [cutime, cstime, ...going.flatMap(times)].reduce((sum, time) => sum + time, 0) * 10;
}

/** utime, stime, cutime and cstime of proc_pid_stat(5), in hundredths of a second; zero if it is gone. */
function times(pid) {
  try {
    const [, after] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    return after.split(' ').slice(11, 15).map(Number);
  } catch {
    return [0, 0, 0, 0];
  }
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

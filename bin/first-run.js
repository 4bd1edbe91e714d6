const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { constants } = require('node:os');
const { join } = require('node:path');

const BUILD = join(__dirname, '../build/build.mjs');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Builds the program where it is started in a checkout for the first time, with progress on standard error.
 * Resolves to the exit status: 0 if there is a program now.
 */
async function buildFirst() {
  if (!existsSync(BUILD)) {
    process.stderr.write(
      'dumpsieve: installation-broken: dist/bundle is missing\n  hint: install the package again\n',
    );
    return 3;
  }
  const child = spawn(process.execPath, [BUILD, 'first-run'], { stdio: ['ignore', 2, 2] });
  const stop = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, stop);
  const status = await new Promise((resolve) => {
    child.on('error', () => resolve(3));
    // Whatever Node ends with: 1 and 2 are answers of a scan.
    child.on('exit', (code, signal) =>
      resolve(signal ? 128 + constants.signals[signal] : code === 0 ? 0 : 3),
    );
  });
  for (const signal of SIGNALS) process.off(signal, stop);
  return status;
}

module.exports = { buildFirst };

import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { describeWith } from '../support/describe.js';
import { PYTHON } from '../support/programs.js';
import { namePattern, readYaml } from './workflow.js';

/** Names of dumps, as their writers choose them (core(5), systemd-coredump(8), docs/formats.md). */
const DUMPS = [
  'core',
  'core.1234',
  'crash/core.77',
  'core.python3.1234',
  'core.python3.1000.abc.zst',
  'core.java.1000.0f3b1c5d7e9a4b2c8d6e0f1a2b3c4d5e.1234.1700000000000000.zst',
  'core.app.1000.0f3b1c5d7e9a4b2c8d6e0f1a2b3c4d5e.1234.1700000000000000.lz4',
  'core.app.1000.0f3b1c5d7e9a4b2c8d6e0f1a2b3c4d5e.1234.1700000000000000.xz',
  'core-app-1234-1700000000',
  'core_app.1234',
  'core.8467.27114900',
  'core.zst',
  'core.gz',
  'coredump',
  'coredump.1',
  'a.core',
  'app.core.gz',
  'app.core.1234',
  'vmcore',
  'vmcore.zst',
  'vmcore.0',
  'vmcore-incomplete',
  'vmcore.flat',
  'kcore',
  'app.dmp',
  'crash.dmp.zip',
  'crash.dmp.7z',
  'app.mdmp',
  'app.hdmp',
  'memory.hdmp.cab',
  'MEMORY.DMP',
  'MEMORY.DMP.gz',
  'Mini010124-01.dmp',
  '5e3c2a1b-0d4f-4a6b-8c7d-9e0f1a2b3c4d.dmp',
  'core.20240101.120000.1234.0001.dmp',
  'java_pid1234.hprof',
  'java_pid1234.hprof.1',
  'heapdump.hprof.gz',
  'Heap.20240101.120000.1234.0.001.heapsnapshot',
  'a.heapsnapshot.tar.gz',
  'erl_crash.dump',
  'memory.lime',
  'memory.avml',
  'memory.lime.xz',
  'host.mem',
  'host.raw',
  'vm.vmem',
  'vm.vmss',
  'vm-Snapshot1.vmsn',
  '_usr_bin_python3.1000.crash',
  'var/crash/_usr_bin_app.0.crash.gz',
  'dumps.core.tgz',
  'pages-1.img',
  'criu/core-1234.img',
  'hiberfil.sys',
  'pagefile.sys',
  '--signer.core',
  'with blanks/my core.core',
];

/** Names of sources and documents. */
const OTHERS = [
  'core.js',
  'core.min.js',
  'core.d.ts',
  'core.test.ts',
  'core.js.gz',
  'core.css.gz',
  'core.md',
  'core.yaml',
  'core.go',
  'core.c',
  'core.h',
  'core.rs',
  'core.html',
  'core.lock',
  'core.json.zst',
  'src/core.py',
  'lib/core/main.ts',
  'core/main.rs',
  'core-js',
  'core-utils.js',
  'core-2.js',
  'core_test.go',
  'encore',
  'encore.1',
  'score.1234',
  'hardcore',
  'vmcore-dmesg.txt',
  'core.ts/a.ts',
  'a.core.txt',
  'a.dmpx',
  'vmcoreinfo.txt',
  'dump.sql',
  'dump.py',
  'crash.ts',
  'crash.log',
  'raw.js',
  'member.ts',
  'report.json',
  'disk.img',
  'dmp',
  'hprof.md',
  'heapsnapshot.js',
  'Dockerfile',
];

const [{ files } = { files: '' }] = readYaml<{ files: string }[]>('.pre-commit-hooks.yaml');

const pattern = namePattern(files);

test.each(DUMPS)('the hook scans %s', (name) => expect(name).toMatch(pattern));
test.each(OTHERS)('the hook leaves %s', (name) => expect(name).not.toMatch(pattern));

describeWith(['python3'], 'the hook', () => {
  test('takes the same names in Python, where pre-commit runs', () => {
    const script = 'import re, sys\nfor n in sys.argv[2:]:\n  if re.search(sys.argv[1], n): print(n)';
    const taken = execFileSync(PYTHON, ['-c', script, files, ...DUMPS, ...OTHERS], { encoding: 'utf8' });
    expect(taken.trimEnd().split('\n')).toEqual(DUMPS);
  });
});

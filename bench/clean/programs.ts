import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asset } from '../../src/core/base/runtime/assets.js';

/** A program whose memory holds no secret: started with an empty environment, then dumped. */
export interface CleanProgram {
  /** Its script is programs/NAME.sh, run in an empty folder that is also its home. */
  name: string;
  /** Programs that must be on the path. */
  needs: readonly string[];
  /** Seconds after the start at which all of its processes are dumped. */
  at: readonly number[];
  /** Also a heap dump of its JVM. */
  heapDump?: boolean;
  /** Added to PATH and HOME, the only variables of the others. */
  environment?: Readonly<Record<string, string>>;
}

/** The variables of an ordinary desktop session, none of them secret. */
const DESKTOP = {
  USER: 'dev',
  LOGNAME: 'dev',
  SHELL: '/bin/bash',
  LANG: 'en_US.UTF-8',
  TERM: 'xterm-256color',
  EDITOR: 'vim',
  PAGER: 'less',
  DISPLAY: ':0',
  XDG_SESSION_ID: '3',
  XDG_RUNTIME_DIR: '/run/user/1000',
  XDG_SESSION_TYPE: 'x11',
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
  SSH_AUTH_SOCK: '/run/user/1000/keyring/ssh',
  SSH_AGENT_PID: '1834',
  GPG_AGENT_INFO: '',
  GIT_AUTHOR_NAME: 'Dev Eloper',
  GIT_AUTHOR_EMAIL: 'dev@localhost',
  NODE_ENV: 'development',
  JAVA_HOME: '/usr/lib/jvm/default-java',
  NVM_DIR: '/home/dev/.nvm',
  GOPATH: '/home/dev/go',
  LS_COLORS: 'rs=0:di=01;34:ln=01;36:mh=00:pi=40;33',
  LESSOPEN: '| /usr/bin/lesspipe %s',
  DATABASE_URL: 'postgres://localhost/app_development',
  REDIS_URL: 'redis://localhost:6379/0',
  PORT: '3000',
  PYTHONPATH: '/home/dev/lib',
  VIRTUAL_ENV: '/home/dev/venv',
  COLORTERM: 'truecolor',
  HISTSIZE: '1000',
  TERM_PROGRAM: 'vscode',
  VSCODE_IPC_HOOK_CLI: '/run/user/1000/vscode-ipc.sock',
  VSCODE_GIT_ASKPASS_MAIN: '/usr/share/code/resources/app/extensions/git/dist/askpass-main.js',
  VSCODE_GIT_IPC_HANDLE: '/run/user/1000/vscode-git-2f1a9c3b7e.sock',
  SESSION_MANAGER: 'local/desk:@/tmp/.ICE-unix/1702,unix/desk:/tmp/.ICE-unix/1702',
  INVOCATION_ID: '8d3f0c5b1e7a4296b0d2f4a6c8e1357f',
  JOURNAL_STREAM: '8:31337',
  WINDOWID: '60817411',
  KONSOLE_DBUS_SESSION: '/Sessions/1',
  GNOME_KEYRING_CONTROL: '/run/user/1000/keyring',
  XDG_SESSION_PATH: '/org/freedesktop/DisplayManager/Session0',
  AWS_PROFILE: 'dev',
  AWS_REGION: 'eu-west-1',
  KUBECONFIG: '/home/dev/.kube/config',
  DOCKER_HOST: 'unix:///run/user/1000/docker.sock',
  GOOGLE_APPLICATION_CREDENTIALS: '/home/dev/.config/gcloud/application_default_credentials.json',
  NPM_CONFIG_USERCONFIG: '/home/dev/.npmrc',
  npm_config_cafile: '/etc/ssl/certs/ca-certificates.crt',
  NIX_PATH: 'nixpkgs=/nix/store/0c8qk1l5v2n7yx9wzr3bj4hd6fmgpsai-nixpkgs',
  PS1: '\\u@\\h:\\w\\$ ',
  PROMPT_COMMAND: 'history -a',
};

export const PROGRAMS: readonly CleanProgram[] = [
  { name: 'bash-idle', needs: ['bash'], at: [1] },
  { name: 'bash-busy', needs: ['bash'], at: [12] },
  { name: 'python-idle', needs: ['python3'], at: [1] },
  { name: 'python-busy', needs: ['python3'], at: [4, 15] },
  { name: 'python-packages', needs: ['python3'], at: [15] },
  { name: 'documentation', needs: ['python3'], at: [20] },
  { name: 'package-lists', needs: ['python3'], at: [10] },
  { name: 'headers', needs: ['python3'], at: [10] },
  { name: 'libraries', needs: ['python3'], at: [10] },
  { name: 'node-idle', needs: ['node'], at: [2] },
  { name: 'node-busy', needs: ['node'], at: [5] },
  { name: 'node-packages', needs: ['node', 'npm'], at: [15] },
  { name: 'npm-cache', needs: ['node', 'npm'], at: [20] },
  { name: 'typescript', needs: ['node'], at: [2, 4] },
  { name: 'jshell-idle', needs: ['jshell'], at: [8] },
  { name: 'java-build', needs: ['javac'], at: [8, 16, 26] },
  { name: 'java-heap', needs: ['javac', 'jmap'], at: [6], heapDump: true },
  { name: 'maven', needs: ['mvn'], at: [3] },
  { name: 'ruby-idle', needs: ['ruby'], at: [1] },
  { name: 'ruby-busy', needs: ['ruby'], at: [15] },
  { name: 'perl', needs: ['perl'], at: [5] },
  { name: 'php', needs: ['php'], at: [3] },
  { name: 'mono', needs: ['mono', 'mcs'], at: [10] },
  { name: 'go-build', needs: ['go'], at: [10, 25] },
  { name: 'go-server', needs: ['go', 'curl'], at: [45] },
  { name: 'rust-build', needs: ['rustc'], at: [2] },
  { name: 'caddy', needs: ['caddy', 'curl'], at: [10] },
  { name: 'redis', needs: ['redis-server', 'redis-benchmark'], at: [20] },
  { name: 'postgresql', needs: ['postgres', 'initdb', 'pg_ctl', 'psql'], at: [18] },
  { name: 'nginx', needs: ['nginx', 'curl'], at: [5] },
  { name: 'chromium', needs: ['chromium'], at: [15] },
  { name: 'git', needs: ['git'], at: [3, 9] },
  { name: 'gcc', needs: ['g++'], at: [3, 6, 9] },
  { name: 'vim', needs: ['vim', 'script'], at: [3] },
  { name: 'emacs', needs: ['emacs', 'script'], at: [5] },
  { name: 'libreoffice', needs: ['soffice'], at: [10, 20] },
  { name: 'developer', needs: ['bash', 'vim', 'tmux', 'script', 'node'], at: [10], environment: DESKTOP },
];

export const scriptOf = ({ name }: CleanProgram): string =>
  fileURLToPath(asset(`bench/clean/programs/${name}.sh`));

export const dumpName = (folder: string, program: string, command: string, pid: number, at: number): string =>
  join(folder, `${program}.${command}.${pid}.${at}s`);

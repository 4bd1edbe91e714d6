import { join } from 'node:path';

/** A program whose memory holds no secret of anybody: started with an empty environment, then dumped. */
export interface CleanProgram {
  name: string;
  /** Programs that must be on the path. */
  needs: readonly string[];
  /** Run by `sh -c` in an empty folder that is also its home. */
  script: string;
  /** Seconds after the start at which all of its processes are dumped. */
  at: readonly number[];
  /** Also a heap dump of its JVM. */
  heapDump?: boolean;
  /** Added to PATH and HOME, the only variables of the others. */
  environment?: Readonly<Record<string, string>>;
}

/** Reads the files that a shell pattern finds into memory, up to a size, and keeps them. */
const readAll = (find: string, megabytes: number): string =>
  `exec python3 -c '
import gzip, subprocess, sys, time
left, kept = ${megabytes} << 20, []
for path in subprocess.run(["sh", "-c", sys.argv[1]], stdout=subprocess.PIPE).stdout.decode().split("\\n"):
    try:
        data = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
    except (OSError, EOFError):
        continue
    left -= len(data)
    if left < 0: break
    kept.append(data)
time.sleep(600)' '${find}'`;

const WORDS = Array.from({ length: 400 }, (_, i) => i);

/** Java classes with enough code to keep a compiler busy for some seconds. */
const javaSources = (count: number): string => `mkdir src; for i in $(seq ${count}); do
cat > src/Part$i.java <<END
import java.util.*; import java.util.stream.*;
public class Part$i { final Map<String, List<Integer>> parts = new TreeMap<>();
${WORDS.slice(0, 40)
  .map(
    (i) =>
      `int step${i}(int n) { return IntStream.range(0, n).map(x -> x * ${i} + n).filter(x -> x % 3 == 0).sum(); }`,
  )
  .join('\n')}
}
END
done`;

const IDLE = 'exec sleep 600';

export const PROGRAMS: readonly CleanProgram[] = [
  { name: 'bash-idle', needs: ['bash'], script: 'bash --norc -i; sleep 600', at: [1] },
  {
    name: 'bash-busy',
    needs: ['bash'],
    script: `exec bash -c 'for f in /usr/share/bash-completion/completions/*; do . $f; done 2>/dev/null
      declare -A map; for i in {1..20000}; do map[entry$i]="value of $i"; done; sleep 600 & wait'`,
    at: [12],
  },
  { name: 'python-idle', needs: ['python3'], script: 'exec python3 -iq', at: [1] },
  {
    name: 'python-busy',
    needs: ['python3'],
    script: `exec python3 -c '
import ast, glob, os, time, tokenize
import asyncio, decimal, email.mime.text, http.server, json, logging.config, sqlite3, ssl, unittest, urllib.request
trees = [ast.parse(open(f, "rb").read()) for f in sorted(glob.glob(os.path.dirname(os.__file__) + "/*.py"))]
time.sleep(600)'`,
    at: [4, 15],
  },
  {
    name: 'python-packages',
    needs: ['python3'],
    script: readAll('find /usr/lib/python3* -name "*.py" -o -name METADATA -o -name RECORD', 250),
    at: [15],
  },
  {
    name: 'documentation',
    needs: ['python3'],
    script: readAll('find /usr/share/doc /usr/share/man -type f', 300),
    at: [20],
  },
  {
    name: 'package-lists',
    needs: ['python3'],
    script: readAll('find /var/lib/dpkg /var/lib/apt/lists -type f', 200),
    at: [10],
  },
  {
    name: 'headers',
    needs: ['python3'],
    script: readAll('find /usr/include /usr/share/perl* /usr/lib/ruby -type f', 200),
    at: [10],
  },
  {
    name: 'libraries',
    needs: ['python3'],
    script: readAll('find /usr/lib/*-linux-gnu -name "*.so*" -type f', 300),
    at: [10],
  },
  { name: 'node-idle', needs: ['node'], script: 'exec node -i', at: [2] },
  {
    name: 'node-busy',
    needs: ['node'],
    script: `exec node -e '
for (const name of require("module").builtinModules) try { require(name); } catch {}
const text = JSON.stringify(Array.from({ length: 2e5 }, (_, i) => ({ i, name: "row " + i, at: new Date(i * 1e7) })));
globalThis.rows = JSON.parse(text);
require("http").createServer((q, r) => r.end("ok")).listen(0, "127.0.0.1");'`,
    at: [5],
  },
  {
    name: 'node-packages',
    needs: ['node', 'npm'],
    script: `exec node -e '
const { readFileSync, readdirSync, lstatSync } = require("fs"), { join, dirname } = require("path");
const root = join(dirname(process.execPath), "..", "lib", "node_modules"), kept = []; let left = 250e6;
const roots = [root, "/usr/share/nodejs", "/usr/lib/node_modules", "/usr/share/node_modules", "{project}/node_modules"];
const walk = (path) => { try { const is = lstatSync(path);
  if (is.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
  else if (is.isFile() && /\\.(js|cjs|mjs|json|ts|md)$/.test(path) && left > 0) {
    const text = readFileSync(path, "utf8"); left -= text.length; kept.push(text + " "); } } catch {} };
roots.forEach(walk); setInterval(() => kept.length, 1e6);'`,
    at: [15],
  },
  {
    name: 'npm-cache',
    needs: ['node', 'npm'],
    script: `exec node -e '
const { readFileSync, readdirSync, lstatSync } = require("fs"), { join } = require("path"), zlib = require("zlib");
const kept = []; let left = 350e6;
const walk = (path) => { try { const is = lstatSync(path); if (left < 0) return;
  if (is.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
  else { let data = readFileSync(path); if (data[0] === 0x1f && data[1] === 0x8b) data = zlib.gunzipSync(data);
    left -= data.length; kept.push(data); } } catch {} };
walk("{npm-cache}/_cacache/index-v5"); walk("{npm-cache}/_cacache/content-v2"); setInterval(() => kept.length, 1e6);'`,
    at: [20],
  },
  {
    name: 'typescript',
    needs: ['node'],
    script: 'cd {project} && exec node node_modules/typescript/bin/tsc -p . --noEmit --incremental false',
    at: [4, 8],
  },
  { name: 'jshell-idle', needs: ['jshell'], script: 'jshell -q; sleep 600', at: [8] },
  {
    name: 'java-build',
    needs: ['javac'],
    script: `${javaSources(400)}
      mkdir out; while :; do javac -J-Xmx400m -d out src/*.java; done`,
    at: [8, 16, 26],
  },
  {
    name: 'java-heap',
    needs: ['javac', 'jmap'],
    script: `${javaSources(100)}
      mkdir out; while :; do javac -J-Xmx200m -d out src/*.java; done`,
    at: [6],
    heapDump: true,
  },
  {
    name: 'maven',
    needs: ['mvn'],
    script: 'while :; do mvn -o --version; mvn -o -X help:help; done',
    at: [3],
  },
  { name: 'ruby-idle', needs: ['ruby'], script: "exec ruby -e 'sleep'", at: [1] },
  {
    name: 'ruby-busy',
    needs: ['ruby'],
    script: `exec ruby -rjson -rnet/http -ropenssl -rset -rerb -ryaml -e '
      $k = Dir["/usr/lib/ruby/**/*.rb"].map { |f| RubyVM::InstructionSequence.compile_file(f) rescue nil }; sleep'`,
    at: [15],
  },
  {
    name: 'perl',
    needs: ['perl'],
    script: `exec perl -MStorable -MEncode -MPOSIX -MIO::Socket -e '@k = map { { n => $_, t => "text $_" } } 1..200000; sleep 600'`,
    at: [5],
  },
  {
    name: 'php',
    needs: ['php'],
    script:
      'exec php -r \'$k = array_map(fn($i) => ["n" => $i, "t" => "text $i"], range(1, 200000)); phpinfo(); sleep(600);\' > /dev/null',
    at: [3],
  },
  {
    name: 'mono',
    needs: ['mono', 'mcs'],
    script: `echo 'class P { static void Main() { foreach (var a in System.AppDomain.CurrentDomain.GetAssemblies()) a.GetTypes();
      System.Reflection.Assembly.Load("System.Xml, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089").GetTypes();
      System.Threading.Thread.Sleep(600000); } }' > p.cs; mcs p.cs && exec mono p.exe`,
    at: [10],
  },
  {
    name: 'go-build',
    needs: ['go'],
    script: 'export GOCACHE=$PWD/c GOPATH=$PWD/g; cd "$(go env GOROOT)/src" && go build -a std',
    at: [10, 25],
  },
  {
    name: 'go-server',
    needs: ['go', 'curl'],
    script: `export GOCACHE=$PWD/c GOPATH=$PWD/g; mkdir m; cd m; cat > main.go <<'END'
package main
import ("crypto/tls"; "encoding/json"; "html/template"; "net/http"; "regexp"; "os/exec")
var kept = map[int]string{}
func main() { _ = tls.VersionName(772); _ = template.New("t"); _ = regexp.MustCompile("a+b"); _ = exec.ErrNotFound
for i := 0; i < 300000; i++ { b, _ := json.Marshal(map[string]any{"n": i, "text": "row"}); kept[i] = string(b) }
http.ListenAndServe("127.0.0.1:0", nil) }
END
go build -o ../server main.go && cd .. && exec ./server`,
    at: [45],
  },
  {
    name: 'rust-build',
    needs: ['rustc'],
    script: `echo 'fn main() { let v: Vec<std::collections::HashMap<String, String>> = vec![]; println!("{:?}", v); }' > m.rs
      while :; do rustc -O m.rs; done`,
    at: [2],
  },
  {
    name: 'caddy',
    needs: ['caddy', 'curl'],
    script: `printf 'http://127.0.0.1:28090 {\\n root * /usr/share/doc\\n file_server browse\\n encode gzip\\n}\\n' > Caddyfile
      (sleep 2; for i in $(seq 200); do curl -s "http://127.0.0.1:28090/?n=$i" >/dev/null; done) &
      caddy run --config Caddyfile`,
    at: [10],
  },
  {
    name: 'redis',
    needs: ['redis-server', 'redis-benchmark'],
    script: `(sleep 1; redis-benchmark -p 28091 -n 200000 -r 100000 -q >/dev/null; ${IDLE}) &
      exec redis-server --port 28091 --bind 127.0.0.1 --save '' --appendonly no`,
    at: [20],
  },
  {
    name: 'postgresql',
    needs: ['postgres', 'initdb', 'pg_ctl', 'psql'],
    script: `initdb -D data -A trust >/dev/null; mkdir run
      (sleep 2; psql -h 127.0.0.1 -p 28092 -d postgres -c "create table t as select n, md5(n::text) m,
        repeat('text ', 9) x from generate_series(1, 300000) n; create index on t(m)"
        -c "select count(*) from t a join t b using (m)"; ${IDLE}) &
      exec postgres -D data -h 127.0.0.1 -p 28092 -k $PWD/run -c shared_buffers=256MB`.replace(
      '"\n        -c',
      '" -c',
    ),
    at: [18],
  },
  {
    name: 'nginx',
    needs: ['nginx', 'curl'],
    script: `printf 'daemon off; pid n.pid; error_log e.log; events {} http { access_log a.log; server { listen 127.0.0.1:28093; root /usr/share/doc; autoindex on; } }' > n.conf
      (sleep 1; for i in $(seq 100); do curl -s "http://127.0.0.1:28093/?n=$i" >/dev/null; done) &
      exec nginx -p $PWD -c $PWD/n.conf`,
    at: [5],
  },
  {
    name: 'chromium',
    needs: ['chromium'],
    script: `{ echo '<html><body><h1>Report</h1><script>'
      echo 'const rows = Array.from({ length: 20000 }, (_, i) => ({ i, name: "row " + i }));'
      echo 'document.write(rows.slice(0, 3000).map((r) => "<p>" + r.name).join(""));</script></body></html>'; } > p.html
      exec chromium --headless=new --no-sandbox --disable-gpu --user-data-dir=$PWD/u file://$PWD/p.html --remote-debugging-port=28094`,
    at: [15],
  },
  {
    name: 'git',
    needs: ['git'],
    script: `git -c safe.directory='*' clone -q file://{project} r; cd r; while :; do git -c gc.auto=0 repack -adfq; git log -p >/dev/null; done`,
    at: [3, 9],
  },
  {
    name: 'gcc',
    needs: ['g++'],
    script: `for h in iostream map regex filesystem algorithm functional thread future unordered_map random chrono; do echo "#include <$h>"; done > a.cc
      echo 'int main() { std::regex r("a+b"); std::map<std::string, std::regex> m; return m.size(); }' >> a.cc
      while :; do g++ -O2 -g a.cc -o a; done`,
    at: [3, 6, 9],
  },
  {
    name: 'vim',
    needs: ['vim', 'script'],
    script: 'for d in /usr/include; do cat $d/*.h; done > all.h; script -qec "vim -u NONE all.h" /dev/null',
    at: [3],
  },
  {
    name: 'emacs',
    needs: ['emacs', 'script'],
    script: 'cat /usr/include/*.h > all.h; TERM=xterm script -qec "emacs -nw -Q all.h" /dev/null',
    at: [5],
  },
  {
    name: 'developer',
    needs: ['bash', 'vim', 'tmux', 'script', 'node'],
    environment: {
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
    },
    script: `cp -r {project}/src {project}/package.json {project}/package-lock.json . 2>/dev/null
      script -qec "tmux -L clean -f /dev/null -D" /dev/null & sleep 1
      tmux -L clean new-session -d "bash -i"; tmux -L clean split-window "vim -u NONE package-lock.json"
      tmux -L clean send-keys -t 0 "git log; ls -la; env; cat package.json; grep -r export src | head" Enter
      tmux -L clean new-window "node -i"; command -v clangd && tmux -L clean new-window "clangd --check=/usr/include/stdio.h; sleep 600"
      (printf 'Content-Length: 113\\r\\n\\r\\n{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":"file:///tmp","capabilities":{}}}'; ${IDLE}) | clangd`,
    at: [10],
  },
];

/** The script of a program, with the places that differ from machine to machine. */
export function scriptOf({ script }: CleanProgram, project: string, npmCache: string): string {
  return script.replaceAll('{project}', project).replaceAll('{npm-cache}', npmCache);
}

export const dumpName = (folder: string, program: string, command: string, pid: number, at: number): string =>
  join(folder, `${program}.${command}.${pid}.${at}s`);

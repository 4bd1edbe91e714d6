exec node -e '
const { readFileSync, readdirSync, lstatSync } = require("fs"), { join, dirname } = require("path");
const root = join(dirname(process.execPath), "..", "lib", "node_modules"), kept = []; let left = 250e6;
const roots = [root, "/usr/share/nodejs", "/usr/lib/node_modules", "/usr/share/node_modules", join(process.argv[1], "node_modules")];
const walk = (path) => { try { const is = lstatSync(path);
  if (is.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
  else if (is.isFile() && /\.(js|cjs|mjs|json|ts|md)$/.test(path) && left > 0) {
    const text = readFileSync(path, "utf8"); left -= text.length; kept.push(text + " "); } } catch {} };
roots.forEach(walk); setInterval(() => kept.length, 1e6);' "$1"

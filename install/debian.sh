#!/bin/sh
# Makes dumpsieve_VERSION_ARCH.deb of the single executable, with its manual page and licences:
#
#   npm ci && npm run executable && install/debian.sh
#
# A file may be named in place of dist/dumpsieve. Debian's own helpers must not strip it: that would break the
# section with the program.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
executable=${1:-$top/dist/dumpsieve}
version=$(node -p 'require(process.argv[1]).version' "$top/package.json")
architecture=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

install -D -m 755 "$executable" "$root/usr/bin/dumpsieve"
install -D -m 644 "$top/dist/man/dumpsieve.1" "$root/usr/share/man/man1/dumpsieve.1"
gzip -9n "$root/usr/share/man/man1/dumpsieve.1"
install -D -m 644 "$top/LICENSE" "$root/usr/share/doc/dumpsieve/copyright"
install -m 644 "$top/CHANGELOG.md" "$root/usr/share/doc/dumpsieve/NEWS"
if [ -e "$top/dist/dumpsieve.licenses.txt" ]; then
  cat "$top/dist/dumpsieve.licenses.txt" >>"$root/usr/share/doc/dumpsieve/copyright"
fi
# The guard: units are installed and not enabled; docs/guard.md says how. The rest is to be copied into /etc.
guard=$top/install/guard
install -D -m 755 "$guard/seal" "$root/usr/lib/dumpsieve/seal"
install -D -m 644 "$guard/tmpfiles.conf" "$root/usr/lib/tmpfiles.d/dumpsieve.conf"
install -D -m 644 -t "$root/usr/lib/systemd/system" "$guard"/*.service "$guard"/*.socket
install -D -m 644 -t "$root/usr/share/doc/dumpsieve/guard" \
  "$guard/recipients" "$guard/seal.conf" "$guard/sysctl.conf" "$guard/watch.conf"
install -m 644 "$top/docs/guard.md" "$root/usr/share/doc/dumpsieve"
mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: dumpsieve
Version: $version
Architecture: $architecture
Maintainer: The dumpsieve authors <dumpsieve@localhost>
Depends: libc6, libstdc++6
Recommends: age, zstd
Section: utils
Priority: optional
Description: finds private keys and tokens in crash and memory dumps
 Scans core dumps, minidumps, heap dumps and memory images for private keys,
 proves them by arithmetic, finds tokens by rules, and writes copies without
 them that still load in a debugger.
CONTROL
dpkg-deb --build --root-owner-group "$root" "dumpsieve_${version}_$architecture.deb"

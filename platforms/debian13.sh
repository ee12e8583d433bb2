#!/bin/sh
# Runs tests in a Debian 13 root, with Python 3.13 and ml-metadata 1.21, which cannot filter. `make test-debian13` calls it.
#
# The arguments are those of pytest. The root is made once, in .debian13, which git ignores; `rm -rf .debian13` forgets it.
# The mounts are private to this process, and end with it. DEBIAN_MIRROR names another mirror.
set -eu
cd "$(dirname "$0")/.."

if [ "${1:-}" = --inside ]; then
    shift
    make PYTHON=python3 .venv/.developing
    .venv/bin/python -c 'import ml_metadata, os, sys; print("ml-metadata", ml_metadata.__version__, os.confstr("CS_GNU_LIBC_VERSION"), sys.version)'
    exec .venv/bin/pytest -n auto --tier=quick "$@"
fi

root=$PWD/.debian13
packages=python3,python3-venv,make,git,ca-certificates,curl,sqlite3,openssl,procps,mariadb-server

give_up() {
    echo "$1" >&2
    exit 1
}

[ "$(uname -sm)" = "Linux x86_64" ] || give_up "make test-debian13 needs Linux on x86-64: ml-metadata has no wheel for other Linux machines."
command -v debootstrap >/dev/null || give_up "make test-debian13 needs debootstrap: apt-get install debootstrap."
[ "$(id -u)" = 0 ] || give_up "make test-debian13 needs root rights, for debootstrap and chroot: sudo make test-debian13."

if [ "$(cat "$root/packages" 2>/dev/null)" != "$packages" ]; then
    echo "Making a Debian 13 root in $root" >&2
    rm -rf "$root" "$root.new"
    debootstrap --variant=minbase --include="$packages" trixie "$root.new" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$root.log" 2>&1 ||
        give_up "debootstrap failed; $root.log says why."
    echo "$packages" >"$root.new/packages"
    mv "$root.new" "$root"
fi

# How this machine reaches the network: names, certificates and package indexes.
for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /etc/uv "${HOME:-/root}/.config/pip" "${HOME:-/root}/.config/uv"; do
    if [ -e "$file" ]; then
        mkdir -p "$root$(dirname "$file")"
        cp -RL "$file" "$root$(dirname "$file")"
    fi
done

# The working tree, also what is not committed yet. The tests that list files need a repository.
mkdir -p "$root/src"
find "$root/src" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
git -c safe.directory='*' ls-files -co --exclude-standard -z | tar --create --null --ignore-failed-read --files-from=- | tar -xC "$root/src"
git init --quiet "$root/src"

unset PYTHON VIRTUAL_ENV MAKEFLAGS MAKELEVEL MFLAGS
export root
exec unshare --mount sh -euc '
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" sh /src/platforms/debian13.sh --inside "$@"
' debian13 "$@"

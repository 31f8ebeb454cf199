#!/usr/bin/env bash
# packages.sh PROGRAM...: install the Debian packages of those programs that are absent, where that
# is possible without asking anybody; else print the line that does it, and fail.
set -euo pipefail

declare -A package=(
    [buildah]=buildah
    [ensurepip]=python3-venv
    [java]=openjdk-17-jre-headless
    [mmdebstrap]=mmdebstrap
    [mvn]=maven
    [promtool]=prometheus
    [prometheus-alertmanager]=prometheus-alertmanager
)

present() {
    if [ "$1" = ensurepip ]; then
        "${PYTHON:-python3}" -c 'import ensurepip' 2> /dev/null
    else
        command -v "$1" > /dev/null
    fi
}

missing=()
for program in "$@"; do
    present "$program" || missing+=("${package[$program]}")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

install="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "programs are missing; on Debian this installs them: sudo $install" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq < /dev/null
$install -qq -o Dpkg::Use-Pty=0 < /dev/null

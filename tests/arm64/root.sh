#!/bin/sh
# Makes a folder with an arm64 Python and the recogniser's packages, for qemu-user (tests/arm64). Needs Debian, whose servers have all
# processors, but not root.
#
#     sh tests/arm64/root.sh FOLDER
set -eu
folder=$(realpath -m "$1")
here=$(dirname "$(realpath "$0")")
mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/wheels" "$folder/root"
touch "$folder/apt/status"

# apt as an arm64 machine with nothing installed would use it, with this machine's sources
apt="-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::status=$folder/apt/status
    -o Dir::State::lists=$folder/apt/lists -o Dir::Cache::archives=$folder/apt/archives -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
    -o Debug::NoLocking=1 -o APT::Sandbox::User=root"
# shellcheck disable=SC2086 # options, separated by spaces
apt-get $apt -qq update
# shellcheck disable=SC2086
apt-get $apt -qq --yes --download-only --no-install-recommends install python3-minimal libpython3-stdlib libstdc++6
for package in "$folder"/apt/archives/*.deb; do
    dpkg-deb --extract "$package" "$folder/root"
done
ln -sfn usr/lib "$folder/root/lib"

version=$(basename "$(ls -d "$folder"/root/usr/lib/python3.*)" | sed 's/python//')
grep -E '^(numpy|ai-edge-litert|defusedxml|rapidfuzz|tqdm|flatbuffers|backports.strenum|typing_extensions|protobuf)==' -i "$here/../../requirements.lock" > "$folder/requirements.txt"
python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$folder/wheels" --python-version "$version" \
    --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux2014_aarch64 --platform manylinux_2_17_aarch64 \
    --requirement "$folder/requirements.txt"
for wheel in "$folder"/wheels/*.whl; do
    python3 -m zipfile -e "$wheel" "$folder/root/packages"
done
# LiteRT reads the processor's features there, and crashes on those of an x86 processor. qemu looks into the folder first.
mkdir -p "$folder/root/proc"
for core in $(seq 0 $(($(nproc) - 1))); do
    printf 'processor\t: %d\nBogoMIPS\t: 100.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x4\nCPU part\t: 0xd0b\nCPU revision\t: 1\n\n' "$core"
done > "$folder/root/proc/cpuinfo" # Cortex-A76, as the test tells qemu
ln -sfn "python$version" "$folder/root/usr/bin/python3"
echo "made $folder"

#!/usr/bin/env bash
# Tells Spark which GPUs this machine has, by their indices: {"name": "gpu", "addresses": ["0","1"]}.
set -euo pipefail

die() { echo "gpu-discovery.sh: $*" >&2; exit 1; }

command -v nvidia-smi >/dev/null || die "nvidia-smi is not on the PATH of $HOSTNAME: install the NVIDIA driver, or ask Spark for no GPU"
indices=$(nvidia-smi --query-gpu=index --format=csv,noheader) || die "nvidia-smi failed on $HOSTNAME: $indices"
addresses=$(sed -n 's/^ *\([0-9][0-9]*\) *$/"\1"/p' <<<"$indices" | paste -sd, -)
[[ -n $addresses ]] || die "nvidia-smi finds no GPU on $HOSTNAME: $indices"
echo "{\"name\": \"gpu\", \"addresses\": [$addresses]}"

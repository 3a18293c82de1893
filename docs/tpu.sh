#!/bin/bash
# Train on every host of a TPU slice; docs/tpu.md says how to start this script. If you run it again, training continues.
#
#   BUCKET=gs://my-bucket CONFIG=configs/transformer.py bash docs/tpu.sh
#
# BUCKET/data holds the prepared datasets, BUCKET/runs/NAME gets the run.
set -euo pipefail

: "${BUCKET:?set it to the place of data and runs: BUCKET=gs://my-bucket}"
CONFIG=${CONFIG:-configs/transformer.py}
NAME=${NAME:-$(basename "$CONFIG" .py)}
DATA=${DATA:-$HOME/data}
SYNC=${SYNC:-gcloud storage rsync --recursive}
TRAIN=${TRAIN:-.venv/bin/python train.py}
PYTHON=${PYTHON:-python3.11}

if [ ! -x .venv/bin/python ]; then
    $PYTHON -m venv .venv
    .venv/bin/pip install --quiet '.[train]' 'jax[tpu]' gcsfs
fi
mkdir -p "$DATA"
$SYNC "$BUCKET/data" "$DATA"

# When a host is lost, the other hosts end within two minutes, start again, and wait for it. Status 2 is a mistake in the
# config, the arguments or the bucket: another attempt would only repeat it.
for attempt in $(seq "${ATTEMPTS:-20}"); do
    echo "attempt $attempt"
    status=0
    $TRAIN "$CONFIG" --workdir "$BUCKET/runs/$NAME" --data-dir "$DATA" --distributed --workers "$(($(nproc) - 2))" ||
        status=$?
    case $status in
        0) exit 0 ;;
        2) echo "status 2: fix the error above and start again; it is not tried again by itself" >&2; exit 2 ;;
    esac
    sleep "${PAUSE:-15}"
done
exit 1

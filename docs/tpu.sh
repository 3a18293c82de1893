#!/bin/bash
# Trains on every host of a TPU slice; docs/tpu.md says how it is started. Run again, it goes on where it stopped.
#
#   BUCKET=gs://my-bucket CONFIG=configs/transformer.py bash docs/tpu.sh
#
# BUCKET/data holds the prepared datasets, BUCKET/runs/NAME gets the run.
set -euo pipefail

: "${BUCKET:?say where data and runs are: BUCKET=gs://my-bucket}"
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

# A host that is lost ends the others within two minutes; they start again and wait for it. Status 2 is a mistake in the
# config, the arguments or the bucket, which another attempt would only repeat.
for attempt in $(seq "${ATTEMPTS:-20}"); do
    echo "attempt $attempt"
    status=0
    $TRAIN "$CONFIG" --workdir "$BUCKET/runs/$NAME" --data-dir "$DATA" --distributed --workers "$(($(nproc) - 2))" ||
        status=$?
    case $status in
        0) exit 0 ;;
        2) echo "status 2: the error above stays until it is mended, so this is not tried again" >&2; exit 2 ;;
    esac
    sleep "${PAUSE:-15}"
done
exit 1

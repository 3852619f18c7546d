#!/usr/bin/env bash
# LEAPS' ablations: the same data set and search with the losses P, P+R, P+L and all three, side by side.
#     examples/leaps_ablations.sh [FOLDER]     writes to FOLDER (default: leaps-ablations); needs the extra neural
# Takes what leaps.sh takes; TRAINING is for each of the four models.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-leaps-ablations}
mkdir -p "$folder"
cd "$folder"

for losses in p pr pl prl; do
    mkdir -p "$losses"
    # One data set serves all.
    [ ! -e p/dataset.jsonl.zst ] || [ "$losses" = p ] || ln -sf ../p/dataset.jsonl.zst "$losses/dataset.jsonl.zst"
    LOSSES=$losses "$here/leaps.sh" "$losses"
    psynth merge "$losses"/cem-*.jsonl -o "$losses.jsonl"
done

printf '\nThe ablations side by side (LEAPSP, LEAPSPR, LEAPSPL, LEAPS):\n\n'
psynth report --by file --published "$here/leaps_published.json" p.jsonl pr.jsonl pl.jsonl prl.jsonl --image ablations.png

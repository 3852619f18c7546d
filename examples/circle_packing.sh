#!/usr/bin/env bash
# Packs 26 circles into the unit square, with the greatest sum of radii, without a language model.
#     examples/circle_packing.sh [FOLDER]     writes its streams to FOLDER (default: circles); run again, it goes on where it was
# CIRCLES (26), TARGET (2.6355), EVALUATIONS (2000), SEED (0) and JOBS may be set. For 26 circles it takes about a minute of CPU time.
# The program makes 40 starts of its own optimizer; evolution chooses where from, and keeps the best of each kind.
set -euo pipefail

folder=${1:-circles}
mkdir -p "$folder"
cd "$folder"

psynth tasks circle-packing --n "${CIRCLES:-26}" --seeds python -o seeds.jsonl
psynth evaluate -q --timeout 10 seeds.jsonl -o seeds-judged.jsonl
psynth elites --method map-elites --seed "${SEED:-0}" --jobs "${JOBS:-$(nproc)}" --batch 10 \
    --max-evaluations "${EVALUATIONS:-2000}" --target "${TARGET:-2.6355}" --evaluation-timeout 10 \
    --operator vector:sigma=1,line-sigma=0 --log log.jsonl seeds.jsonl -o elites.jsonl

psynth elites -q --ask 1 --select rank elites.jsonl -o best.jsonl
printf '\nThe seed programs:\n'
psynth show --only frontier --programs 2 seeds-judged.jsonl | grep 'reward'
psynth show elites.jsonl
printf '\nThe best packing, checked once more without any tolerance:\n'
psynth evaluate -q --timeout 10 best.jsonl | psynth show --animate --only frontier | tail -n 25
if psynth show --image packing.png best.jsonl >/dev/null; then printf '\nAs a picture: %s\n' "$PWD/packing.png"; fi

#!/usr/bin/env bash
# MAP-Elites as a pipe: ask the archive for parents, mutate them, evaluate the children, tell the archive.
#     examples/elites_pipe.sh [FOLDER]     writes its streams to FOLDER (default: elites)
# DOMAIN (karel), TASK (maze), ROUNDS (10) and BATCH (64 parents a round) may be set. Run again, it goes on for ROUNDS more.
set -euo pipefail

folder=${1:-elites}
mkdir -p "$folder"
cd "$folder"

if [ ! -e archive.jsonl ]; then
    # The first elites are programs sampled from the grammar.
    psynth elites -d "${DOMAIN:-karel}" --task "${TASK:-maze}" --method map-elites --initial 200 --max-evaluations 200 -o archive.jsonl
    echo 0 > round
fi

first=$(($(cat round) + 1))
for ((round = first; round < first + ${ROUNDS:-10}; round++)); do
    psynth elites --ask "${BATCH:-64}" --seed "$round" archive.jsonl |
        psynth mutate --seed "$round" |
        psynth evaluate --descriptors -o children.jsonl
    psynth elites -q --tell archive.jsonl children.jsonl -o archive.jsonl
    echo "$round" > round
done

psynth show archive.jsonl

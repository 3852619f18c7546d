#!/usr/bin/env bash
# ELM without a language model: MAP-Elites over walkers of Sodarace, from the seed programs, in 12 × 12 × 12 cells.
#     examples/elm.sh [FOLDER]     writes its streams to FOLDER (default: elm); run again, it goes on where it was
# LANGUAGE (python or lambda), EVALUATIONS (for each seed, 2000: a minute or two), SEEDS ("0"), BASELINE (independent sequential)
# and JOBS may be set. The map is full after millions of evaluations.
set -euo pipefail

folder=${1:-elm}
language=${LANGUAGE:-python}
mkdir -p "$folder"
cd "$folder"

baselines=()
for name in ${BASELINE:-independent}; do baselines+=(--baseline "$name"); done

psynth tasks sodarace --seeds "$language" -o seeds.jsonl
for seed in ${SEEDS:-0}; do
    psynth elites --method map-elites --seed "$seed" --jobs "${JOBS:-$(nproc)}" --max-evaluations "${EVALUATIONS:-2000}" \
        "${baselines[@]}" --log "$language-$seed.log" seeds.jsonl -o "$language-$seed.jsonl"
done

psynth elites -q "$language"-*.jsonl -o "$language.jsonl"
psynth show "$language.jsonl"
psynth report "$language"-*.jsonl
if psynth show --map "$language.png" "$language.jsonl" && psynth elites -q --ask 1 --select rank "$language.jsonl" |
    psynth show --image "$language.gif" - >/dev/null; then
    printf '\nThe map and a walker as pictures: %s\n' "$PWD/$language.png $PWD/$language.gif"
fi

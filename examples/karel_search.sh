#!/usr/bin/env bash
# All ten Karel tasks in program space: search with several seeds, a table and curves, and a library learned from what was found.
#     examples/karel_search.sh [FOLDER]     writes its streams to FOLDER (default: karel-search)
# SEEDS, EVALUATIONS (programs a task and seed), INSTANCES (worlds searched on), METHOD and JOBS change what is done. Start it
# again to go on where it was stopped.
set -euo pipefail

folder=${1:-karel-search}
read -ra seeds <<<"${SEEDS:-1 2 3 4 5}"
evaluations=${EVALUATIONS:-1000000}
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
mkdir -p "$folder"
cd "$folder"

psynth tasks karel --instances "${INSTANCES:-64}" -o tasks.jsonl
for seed in "${seeds[@]}"; do
    printf '── seed %s ──\n' "$seed" >&2
    psynth cem-search --method "${METHOD:-hill-climb}" --max-evaluations "$evaluations" --timing --seed "$seed" -j "$jobs" \
        --resume "search-$seed.jsonl" tasks.jsonl -o "search-$seed.jsonl"
done

printf '\nWhat the search saw, what its best programs earn again, and on worlds that it never saw:\n\n'
psynth report search-*.jsonl --image curves.png

printf '\nWhat the solutions have in common:\n\n'
psynth merge search-*.jsonl | psynth compress -o library.jsonl
psynth show --only library --learned library.jsonl

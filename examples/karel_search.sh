#!/usr/bin/env bash
# All ten Karel tasks in program space: search with several seeds, a table and curves, and a library learned from what was found.
#     examples/karel_search.sh [FOLDER]     writes its streams to FOLDER (default: karel-search)
# SEEDS, EVALUATIONS (programs a task and seed), INSTANCES (worlds searched on), METHOD and JOBS change what is done. Start it
# again to go on where it was stopped.
set -euo pipefail

folder=${1:-karel-search}
read -ra seeds <<<"${SEEDS:-1 2 3 4 5}"
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
mkdir -p "$folder"
cd "$folder"

tasks() { # WORLDS FILE TASK… : what is found on few worlds need not work on others, and episodes of some tasks are long
    local worlds=${INSTANCES:-$1} file=$2 words=()
    shift 2
    for task; do words+=(--task "$task"); done
    psynth tasks karel --instances "$worlds" "${words[@]}" -o "$file"
}
tasks 200 most.jsonl stair-climber four-corners top-off maze clean-house harvester seeder
tasks 64 door-key.jsonl door-key
tasks 32 snake.jsonl snake
tasks 200 one-stroke.jsonl one-stroke

search() { # EVALUATIONS NAME OPTION… FILE… : each seed's search, resumed where it was stopped
    local evaluations=${EVALUATIONS:-$1} name=$2
    shift 2
    for seed in "${seeds[@]}"; do
        printf '── %s, seed %s ──\n' "$name" "$seed" >&2
        psynth search --method "${METHOD:-hill-climb}" --max-evaluations "$evaluations" --timing --seed "$seed" -j "$jobs" \
            --resume "search-$name-$seed.jsonl" -o "search-$name-$seed.jsonl" "$@"
    done
}
search 1000000 nine most.jsonl door-key.jsonl snake.jsonl
# A round trip in one stroke takes more than the 45 tokens that the published searches may write.
search 1500000 one-stroke --max-size 45 one-stroke.jsonl

printf '\nWhat the search saw, what its best programs earn again, and on worlds that it never saw:\n\n'
psynth report search-*.jsonl --image curves.png

printf '\nWhat the solutions have in common:\n\n'
psynth merge search-*.jsonl | psynth compress -o library.jsonl
psynth show --only library --learned library.jsonl

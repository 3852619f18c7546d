#!/usr/bin/env bash
# Search tasks of ARC-AGI without a network, deeper and deeper; what is solved over CPU time, and a library learned from it.
#     examples/arc_search.sh [FOLDER]     writes its streams to FOLDER (default: arc-search); the curve is FOLDER/curve.tsv
#
# Each of these may be set:
#   TASKS                a file of tasks (psynth tasks arc --primitives search, or psynth import arc); default:
#   VERSION, SPLIT       of psynth tasks arc: arc-agi-1 or arc-agi-2, training or evaluation (arc-agi-1 training)
#   DEPTHS               operations in a row, a run for each ("2.0 2.2 2.6"); a run searches what those before left unsolved
#   SEARCH               more options of psynth enumerate --method grid
#   COMPRESS             options of psynth compress for the library that is learned at the end (--iterations 10); empty: none
#   JOBS                 worker processes
# Start it again to go on where it was stopped: a stage whose file is there is not run again, and a search goes on.
set -euo pipefail

read -ra depths <<<"${DEPTHS:-2.0 2.2 2.6}"
read -ra search <<<"${SEARCH:-}"
read -ra compress <<<"${COMPRESS---iterations 10}"
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}

folder=${1:-arc-search}
mkdir -p "$folder"
if [ ! -e "$folder/tasks.jsonl" ]; then
    if [ -n "${TASKS:-}" ]; then
        cp "$TASKS" "$folder/tasks.jsonl"
    else
        psynth tasks arc --version "${VERSION:-arc-agi-1}" --split "${SPLIT:-training}" --primitives search -o "$folder/tasks.jsonl"
    fi
elif [ -n "${TASKS:-}" ] && ! cmp -s "$TASKS" "$folder/tasks.jsonl"; then
    echo "$folder/tasks.jsonl has other tasks: its folder began with them; choose another folder" >&2 && exit 2
fi
cd "$folder"

# Tasks with an answer are not searched deeper, and what a run spent is counted once: each run starts from the frontiers
# that the one before left without a program.
unsolved() { awk '!/^{"type":"frontier"/ || /"programs":\[\]/' "$1"; }

todo=tasks.jsonl found=()
for depth in "${depths[@]}"; do
    file=depth-$depth.jsonl
    echo "depth $depth" >&2
    [ -e "$file" ] || unsolved "$todo" | psynth enumerate --method grid --depth "$depth" -q --timing -j "$jobs" "${search[@]}" --resume "$file" -o "$file"
    found+=("$file") todo=$file
done
[ -e solved.jsonl ] || psynth merge "${found[@]}" -o solved.jsonl

# The figure of a file's totals, summed over the splits of its tasks.
sum() { awk -F '[:,]' -v name="\"$1\"" '$4 == name { sum += $6 } END { print sum + 0 }' "$2"; }
# Tasks with a program that is right on all held-out examples.
right() { grep -c '^{"type":"frontier".*"held_out":1.0' "$1" || true; }

printf 'depth\tcpu_seconds\tanswered\tright\n' >curve.tsv
seconds=0 answered=0 solved=0
for depth in "${depths[@]}"; do
    psynth report --totals totals.jsonl "depth-$depth.jsonl" >/dev/null
    seconds=$(awk -v a="$seconds" -v b="$(sum cpu_seconds totals.jsonl)" 'BEGIN { print a + b }')
    answered=$((answered + $(sum solved totals.jsonl))) solved=$((solved + $(right "depth-$depth.jsonl")))
    printf '%s\t%s\t%s\t%s\n' "$depth" "$seconds" "$answered" "$solved" >>curve.tsv
done
cat curve.tsv
if [ ${#compress[@]} -gt 0 ]; then
    [ -e library.jsonl ] || psynth compress -q "${compress[@]}" solved.jsonl -o library.jsonl
    printf '\nA library learned from the answers: %s\n' "$PWD/library.jsonl"
fi

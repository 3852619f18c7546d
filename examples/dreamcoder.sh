#!/usr/bin/env bash
# DreamCoder's loop of wake and sleep: search the training tasks, learn a library from what was found, and search again with it;
# after each iteration the library is tested on tasks that it was not learned from.
#     examples/dreamcoder.sh [FOLDER]     writes its streams to FOLDER (default: dreamcoder); the page is FOLDER/report.html
#
# SIZE (smoke, laptop or published) chooses a size; each of these may be set, too:
#   DOMAIN (list), or TRAIN and TEST (files of tasks)  what is learned from, and what it is tested on
#   ITERATIONS            how often
#   BATCHES               the training tasks are divided into so many batches, and an iteration searches one
#   SEEDS                 a run for each; the seed chooses the first batch, and seeds samples and networks
#   SEARCH, TEST_SEARCH   options of psynth enumerate for a training task and for a test task
#   COMPRESS              options of psynth compress (--grammar bigram)
#   RECOGNITION           options of psynth train --method recognition; empty: no network (it needs the extra neural)
#   DREAMS                programs of each type to make dreams of in each iteration
#   JOBS                  worker processes
# Start it again to go on where it was stopped: a stage whose file is there is not run again, and a search goes on.
set -euo pipefail
shopt -s nullglob

case ${SIZE:-laptop} in
smoke) size=(2 1 1 "--max-programs 3000" "--max-programs 3000" 200) ;;
laptop) size=(4 1 1 "--max-programs 300000" "--max-programs 1000000" 5000) ;;
# The settings of LILO's DreamCoder baseline: batches of about 96 tasks, 10 minutes a task, three seeds.
published) size=(16 5 "111 222 333" "--timeout 600" "--timeout 600" 20000) ;;
*) echo "SIZE is smoke, laptop or published" >&2 && exit 2 ;;
esac
iterations=${ITERATIONS:-${size[0]}} batches=${BATCHES:-${size[1]}}
read -ra seeds <<<"${SEEDS:-${size[2]}}"
read -ra search <<<"${SEARCH:-${size[3]}}"
read -ra test_search <<<"${TEST_SEARCH:-${size[4]}}"
read -ra compress <<<"${COMPRESS:---grammar bigram}"
read -ra recognition <<<"${RECOGNITION:-}"
for number in "$iterations" "$batches" "${seeds[@]}"; do
    [[ $number =~ ^[0-9]+$ ]] || { echo "ITERATIONS, BATCHES and SEEDS are whole numbers, not '$number'" >&2 && exit 2; }
done
((iterations > 0 && batches > 0)) || { echo "ITERATIONS and BATCHES are at least 1" >&2 && exit 2; }
dreams=${DREAMS:-${size[5]}} jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}

folder=${1:-dreamcoder}
mkdir -p "$folder"
# shellcheck source=examples/keep_tasks.sh
. "$(dirname "$0")/keep_tasks.sh"
keep_tasks "$folder" train "${TRAIN:-}"
keep_tasks "$folder" test "${TEST:-}"
cd "$folder"

# Run a command that writes a file with -o, unless the file is there: it is there only when it is complete.
make() { [ -e "$1" ] || "${@:2}" -o "$1"; }
# Search for programs as the options after the file say; a search that was stopped goes on.
search() { [ -e "$1" ] || psynth enumerate -q --timing -j "$jobs" "${@:2}" --resume "$1" -o "$1"; }
# The batch of an iteration: every so many-th frontier of a stream, and all that is no frontier.
batch() { awk -v of="$batches" -v number="$(((seed + $1) % batches))" '/^{"type":"frontier"/ && n++ % of != number { next } 1' "$2"; }
# The totals of files in order as metrics, for curves over the iterations.
totals() { psynth report --totals "$1" --label "seed=$seed" "${@:2}" >/dev/null; }
# A figure of such totals, summed over the files.
sum() { awk -F '[:,]' -v name="\"$1\"" '$4 == name { sum += $6 } END { print sum + 0 }' "$2"; }

for seed in "${seeds[@]}"; do
    mkdir -p "seed-$seed"
    state=train.jsonl
    for ((i = 0; i < iterations; i++)); do
        at=$(printf 'seed-%s/%02d' "$seed" "$i")
        echo "seed $seed, iteration $i of $iterations" >&2

        # Wake: search the batch, and join what was found with what was known.
        [ -e "$at-wake.jsonl" ] || batch "$i" "$state" | search "$at-wake.jsonl" "${search[@]}"
        make "$at-found.jsonl" psynth merge "$at-wake.jsonl" "$state"
        found=$at-found.jsonl

        # Dream: a network learns which productions a task needs, and guides another search of the batch.
        if [ ${#recognition[@]} -gt 0 ]; then
            [ -e "$at-dreams.jsonl" ] || psynth sample --method cheapest --keep --count "$dreams" "$found" |
                psynth relabel --method dreams --seed "$seed" -o "$at-dreams.jsonl"
            make "$at-model.jsonl" psynth train --method recognition --model "$at-model" --seed "$seed" "${recognition[@]}" "$found" "$at-dreams.jsonl"
            [ -e "$at-guided.jsonl" ] || batch "$i" "$found" | psynth guide --model "$at-model" | search "$at-guided.jsonl" "${search[@]}"
            # The model knows the library that it was trained with, not the one that is learned now.
            [ -e "$at-guided-test.jsonl" ] || psynth guide --model "$at-model" --library "$found" test.jsonl |
                search "$at-guided-test.jsonl" --max-frontier 1 "${test_search[@]}"
            make "$at-known.jsonl" psynth merge "$at-guided.jsonl" "$found"
            found=$at-known.jsonl
        fi

        # Sleep: learn a library from all programs, rewrite them with it, and document it.
        make "$at-learned.jsonl" psynth compress --from-scratch "${compress[@]}" "$found"
        make "$at-sleep.jsonl" psynth document "$at-learned.jsonl"
        state=$at-sleep.jsonl

        # Test. One solution is enough: then the time of a search is the time to its solution.
        search "$at-test.jsonl" --max-frontier 1 "${test_search[@]}" --library "$state" test.jsonl
    done
    last=$(printf 'seed-%s/%02d' "$seed" $((iterations - 1)))
    totals "seed-$seed/test-totals.jsonl" "seed-$seed"/[0-9][0-9]-test.jsonl
    totals "seed-$seed/train-totals.jsonl" "seed-$seed"/[0-9]*-found.jsonl
    totals "seed-$seed/spent.jsonl" "seed-$seed"/[0-9]*-{wake,guided}.jsonl "$last-test.jsonl"

    # The control run has no library, and the CPU time of all searches of the loop together. A first run, with as many
    # programs, says what a program costs without a library. More iterations need a longer one.
    [ "seed-$seed/control.jsonl" -nt "$last-test.jsonl" ] || rm -f "seed-$seed"/control*
    count=$(grep -c '^{"type":"frontier"' test.jsonl)
    programs=$(($(sum programs "seed-$seed/spent.jsonl") / count + 1))
    search "seed-$seed/control-probe.jsonl" --max-frontier 1 --max-programs "$programs" test.jsonl
    totals "seed-$seed/probe-totals.jsonl" "seed-$seed/control-probe.jsonl"
    times=$(awk -v loop="$(sum cpu_seconds "seed-$seed/spent.jsonl")" -v probe="$(sum cpu_seconds "seed-$seed/probe-totals.jsonl")" \
        'BEGIN { print (loop > probe) ? int(loop / probe + 0.999) : 1 }')
    search "seed-$seed/control.jsonl" --max-frontier 1 --max-programs $((programs * times)) test.jsonl
    totals "seed-$seed/control-totals.jsonl" "seed-$seed/control.jsonl"
    psynth report --baseline "seed-$seed/control.jsonl" "$last"-*test.jsonl | sed -n '/that all have/,$p'
    printf '\nCPU seconds of all searches: %s in the loop, %s in the control run without a library\n\n' \
        "$(sum cpu_seconds "seed-$seed/spent.jsonl")" "$(sum cpu_seconds "seed-$seed/control-totals.jsonl")"
done

psynth report --metric solved --metric solved_share --metric abstractions seed-*/test-totals.jsonl
if psynth report --by file --html report.html "seed-${seeds[0]}"/[0-9]*-test.jsonl \
    "seed-${seeds[0]}/control.jsonl" seed-*/test-totals.jsonl >/dev/null; then
    printf '\nThe report as a page: %s\n' "$PWD/report.html"
fi

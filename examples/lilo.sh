#!/usr/bin/env bash
# LILO's loop (Grand et al., 2024): a language model and a search solve a batch of tasks, compression learns a library from all that was
# found, and the model names and describes what was learned; test tasks are tried with the library of every third iteration.
#     MODEL=openai:model=NAME examples/lilo.sh [FOLDER]     writes its streams to FOLDER (default: lilo)
#
# MODEL is any value of --model (psynth help models); its answers are in FOLDER/answers.jsonl. MODEL=replay:file=ANSWERS repeats a run
# without the model. SIZE (smoke, laptop or published) chooses a size; each of these may be set, too:
#   DOMAIN (list), or TRAIN and TEST (files of tasks)  what is learned from, and what it is tested on
#   ITERATIONS, BATCHES, SEEDS  as in dreamcoder.sh
#   ASK                   options of psynth sample --method llm; none: no solver
#   SEARCH, TEST_SEARCH   options of psynth enumerate for a training task and for a test task; none: no search
#   COMPRESS              options of psynth compress
#   DOCUMENT              options of psynth document --method llm; none: names made from definitions, without the model
#   TEST_EVERY            iterations from one test to the next; the last iteration is always tested
#   JOBS                  requests in flight, and worker processes
# So ASK, SEARCH or DOCUMENT of none are LILO's ablations. Start it again to go on where it was stopped: nothing is asked twice.
set -euo pipefail

case ${SIZE:-laptop} in
smoke) size=(2 1 1 "--queries 1 --samples 2" "--max-programs 2000" "--max-programs 2000") ;;
laptop) size=(4 1 1 "--queries 4 --samples 4" "--max-programs 300000" "--max-programs 1000000") ;;
# The settings of the paper on regular expressions: batches of about 96 tasks, 1,000 seconds a task, three seeds.
published) size=(16 5 "111 222 333" "--queries 4 --samples 4 --show description --temperature 0.9" "--timeout 1000" "--timeout 1000") ;;
*) echo "SIZE is smoke, laptop or published" >&2 && exit 2 ;;
esac
: "${MODEL:?name a language model, as in MODEL=openai:model=NAME}"
iterations=${ITERATIONS:-${size[0]}} batches=${BATCHES:-${size[1]}} every=${TEST_EVERY:-3} jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
read -ra seeds <<<"${SEEDS:-${size[2]}}"
read -ra ask <<<"${ASK:-${size[3]}}"
read -ra search <<<"${SEARCH:-${size[4]}}"
read -ra test_search <<<"${TEST_SEARCH:-${size[5]}}"
read -ra compress <<<"${COMPRESS:-}"
read -ra document <<<"${DOCUMENT:---samples 3}"
for number in "$iterations" "$batches" "$every" "${seeds[@]}"; do
    [[ $number =~ ^[0-9]+$ ]] || { echo "ITERATIONS, BATCHES, TEST_EVERY and SEEDS are whole numbers, not '$number'" >&2 && exit 2; }
done
((iterations > 0 && batches > 0 && every > 0)) || { echo "ITERATIONS, BATCHES and TEST_EVERY are at least 1" >&2 && exit 2; }

folder=${1:-lilo}
mkdir -p "$folder"
# shellcheck source=examples/keep_tasks.sh
. "$(dirname "$0")/keep_tasks.sh"
keep_tasks "$folder" train "${TRAIN:-}"
keep_tasks "$folder" test "${TEST:-}"
cd "$folder"
model=(--method llm --model "$MODEL" --cache answers.jsonl)

# Run a command that writes a file with -o, unless the file is there: it is there only when it is complete.
make() { [ -e "$1" ] || "${@:2}" -o "$1"; }
# The batch of an iteration: every so many-th frontier of a stream, and all that is no frontier.
batch() { awk -v of="$batches" -v number="$(((seed + $1) % batches))" '/^{"type":"frontier"/ && n++ % of != number { next } 1' "$2"; }
# Ask the model for programs, with solved tasks of a stream as examples, or pass on: SOLVED, then options and files.
solver() { if [ "${ask[0]}" = none ]; then psynth merge "${@:2}"; else psynth sample -q "${model[@]}" -j "$jobs" --seed "$seed" "${ask[@]}" --examples "$@"; fi; }
# Search for programs, or pass on.
enumerate() { if [ "$1" = none ]; then psynth merge "${@:2}"; else psynth enumerate -q --timing -j "$jobs" "$@"; fi; }

for seed in "${seeds[@]}"; do
    mkdir -p "seed-$seed"
    state=train.jsonl
    for ((i = 0; i < iterations; i++)); do
        at=$(printf 'seed-%s/%02d' "$seed" "$i")
        echo "seed $seed, iteration $i of $iterations" >&2

        # Solve the batch, by the model and by search; join what was found with what was known.
        make "$at-batch.jsonl" psynth merge <(batch "$i" "$state")
        make "$at-asked.jsonl" solver "$state" "$at-batch.jsonl"
        make "$at-wake.jsonl" enumerate "${search[@]}" "$at-asked.jsonl"
        make "$at-found.jsonl" psynth merge "$at-wake.jsonl" "$state"

        # Learn a library from all programs, rewrite them with it, and let the model say what it holds.
        make "$at-learned.jsonl" psynth compress "${compress[@]}" "$at-found.jsonl"
        if [ "${document[0]}" = none ]; then
            make "$at-sleep.jsonl" psynth document "$at-learned.jsonl"
        else
            make "$at-sleep.jsonl" psynth document -q "${model[@]}" --seed "$seed" "${document[@]}" "$at-learned.jsonl"
        fi
        state=$at-sleep.jsonl

        if (((i + 1) % every == 0 || i + 1 == iterations)); then
            make "$at-tried.jsonl" solver "$state" --library "$state" test.jsonl
            make "$at-test.jsonl" enumerate "${test_search[@]}" --library "$state" "$at-tried.jsonl"
        fi
    done
done

psynth report --by file seed-*/[0-9]*-test.jsonl
# What the model was paid, by stage.
if [ -e answers.jsonl ]; then psynth report answers.jsonl; fi

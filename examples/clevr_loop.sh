#!/usr/bin/env bash
# The loop that learns CLEVR: a library grows from the training tasks, and is tested on questions that it was not learned from.
#     examples/clevr_loop.sh [FOLDER]     writes its streams to FOLDER (default: clevr_loop)
#
# Three things differ from examples/dreamcoder.sh, each because of what five scenes leave open:
#   - the first rounds learn weights only. An abstraction that is learned from few solutions keeps their accidents;
#   - then abstractions are learned from the tasks with 15 scenes alone (localization, remove, transform), in which hardly a
#     program is right by chance, and after that, on top of them, from all tasks;
#   - from there on each round searches the bare tasks, so that programs that were right by chance are not kept.
#
# SIZE (smoke or laptop) chooses a size; SEED (0) is the seed of the tasks, and JOBS the number of worker processes.
# Start it again to go on where it was stopped: a stage whose file is there is not run again, and a search goes on.
set -euo pipefail

case ${SIZE:-laptop} in
smoke) first=100000 short=10000 long=10000 test=10000 tasks=(--count 20) ;;
laptop) first=3000000 short=300000 long=1500000 test=5000000 tasks=() ;;
*) echo "SIZE is smoke or laptop" >&2 && exit 2 ;;
esac
folder=${1:-clevr_loop} jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)} seed=${SEED:-0}
mkdir -p "$folder"
cd "$folder"

# Run a command that writes a file with -o, unless the file is there: it is there only when it is complete.
make() { [ -e "$1" ] || "${@:2}" -o "$1"; }
# Search as the options after the file say. Nested folds run long, and no answer needs them: hence the limits on an evaluation.
search() {
    [ -e "$1" ] || psynth enumerate -q --timing -j "$jobs" --fuel 2000 --max-cells 2000 "${@:2}" --resume "$1" -o "$1"
}
learn() { make "$1" psynth compress -q --grammar bigram --pseudocounts 0.3 "${@:2}"; }

make train.jsonl psynth tasks clevr --seed "$seed" ${tasks[@]+"${tasks[@]}"}
make test.jsonl psynth tasks clevr --seed "$seed" --split test --held-out 20 ${tasks[@]+"${tasks[@]}"}

search 00-found.jsonl --max-programs "$first" --max-frontier 10 train.jsonl
for round in 01 02 03 04 05 06 07; do
    previous=$(printf %02d $((10#$round - 1)))
    learn "$round-learned.jsonl" --from-scratch --iterations $((10#$round < 4 ? 0 : 10)) "$previous-found.jsonl"
    search "$round-found.jsonl" --max-programs "$short" --max-frontier 10 "$round-learned.jsonl"
done
learn 08-learned.jsonl --from-scratch --iterations 10 --task '*localization*' --task '*remove*' --task '*transform*' 07-found.jsonl
search 08-found.jsonl --max-programs "$long" --library 08-learned.jsonl train.jsonl
for round in 09 10 11; do
    previous=$(printf %02d $((10#$round - 1)))
    learn "$round-learned.jsonl" --iterations 5 "$previous-found.jsonl"
    search "$round-found.jsonl" --max-programs "$long" --library "$round-learned.jsonl" train.jsonl
done
learn library.jsonl --iterations 5 11-found.jsonl
search tested.jsonl --max-programs "$test" --max-frontier 1 --library library.jsonl test.jsonl

# What each round solved of the training tasks, and the last library of the test tasks, by class.
psynth report --totals train-totals.jsonl [01][0-9]-found.jsonl >/dev/null
psynth report --metric solved --metric cpu_seconds train-totals.jsonl
# tell NAME FILE: a figure of the totals of a file, such as "value":30 of solved.
tell() { grep -m 1 "\"name\":\"$1\"" "$2" | grep -o '"value":[^,]*' | cut -d : -f 2; }
printf '\nTest tasks solved\n'
for class in zero-hop one-hop compare-integer single-or localization remove transform ''; do
    psynth report ${class:+--task "*-$class"} --totals test-totals.jsonl tested.jsonl >/dev/null
    printf '  %-16s %s of %s\n' "${class:-all}" "$(tell solved test-totals.jsonl)" "$(tell searched test-totals.jsonl)"
done

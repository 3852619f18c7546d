#!/usr/bin/env bash
# CodeIt's loop: a model of programs improves itself on what it has sampled, relabeled in hindsight.
#     examples/codeit.sh SEEDS TASKS [FOLDER]     writes to FOLDER (default: codeit); the curve is FOLDER/curve.tsv
# SEEDS is a stream of solved tasks, such as those of psynth enumerate or of psynth import arc-dsl | psynth evaluate;
# TASKS is a stream of the tasks to be solved, whose held-out examples are for scoring alone.
#
# Each meta-iteration draws programs from the seeds, their mutants and what was sampled before, trains the same model on
# them, samples programs for each task, judges them, and relabels them as solutions of the tasks that they do solve.
#
# SIZE (smoke, laptop or published) sets what these are unless they are set:
#   ITERATIONS MUTANTS SAMPLES   meta-iterations; mutants of each seed; samples for each task in an iteration
#   POLICY MUTATED               programs drawn for an iteration: of those sampled, and of the mutants
#   TRAIN SAMPLE                 more options of psynth train and psynth sample --method policy
# Ablations, of which each is on if set to 1:
#   A1  no expert iteration: nothing that was sampled is learned from
#   A2  no relabeling: of what was sampled only solutions are learned from
#   A3  no priority: programs are drawn alike
#   A5  the model reads one example of a task
#   A6  no mutants
# (A4, no pretraining, is what happens unless TRAIN has --base DIR.)
# SEED (0) is the random seed. Start it again to go on where it was stopped: a stage whose file is there is not run again.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,21p' "$0" >&2; exit 2; }
case ${SIZE:-laptop} in
smoke) iterations=2 mutants=4 samples=8 policy=200 mutated=100 train="--epochs 2 --max-words 40" ;;
laptop) iterations=10 mutants=24 samples=24 policy=20000 mutated=5000 train="--epochs 1" ;;
published) iterations=99 mutants=48 samples=24 policy=90000 mutated=10000 train="--size base --epochs 1 --accumulate 8" ;;
*) echo "SIZE is smoke, laptop or published" >&2 && exit 2 ;;
esac
iterations=${ITERATIONS:-$iterations} mutants=${MUTANTS:-$mutants} samples=${SAMPLES:-$samples}
policy=${POLICY:-$policy} mutated=${MUTATED:-$mutated} seed=${SEED:-0}
read -ra train <<<"${TRAIN:-$train}"
read -ra sample <<<"${SAMPLE:-}"
seeds=$(realpath "$1") tasks=$(realpath "$2")
folder=${3:-codeit}
mkdir -p "$folder"
cd "$folder"

# Run a command that writes a file with -o, unless the file is there: it is there only when it is complete.
make() { [ -e "$1" ] || "${@:2}" -o "$1"; }
# tell NAME FILE: a figure of the totals of a file, such as "value":30 of solved; 0 if there is none.
tell() { { grep -m 1 "\"name\":\"$1\"" "$2" || echo '"value":0,'; } | grep -o '"value":[^,]*' | cut -d : -f 2; }

if [ "${A6:-0}" != 1 ]; then
    make mutants.jsonl psynth mutate -q --method codeit --count "$mutants" --seed "$seed" "$seeds"
    make mutated.jsonl psynth relabel -q --method hindsight mutants.jsonl
fi
[ "${A5:-0}" != 1 ] || train+=(--examples 1)
weights=()
[ "${A3:-0}" != 1 ] || weights=(--weight score=0)

printf 'iteration\tsolved\tsolved_so_far\tanswers_3\tanswers_3_so_far\n' >curve.tsv.part
sampled=() stored=()
for ((i = 0; i < iterations; i++)); do
    name=$(printf %02d "$i")
    if [ ! -e "$name-sampled.jsonl" ]; then
        stores=()
        [ ! -e mutated.jsonl ] || stores+=(--store "mutated.jsonl:$mutated")
        if [ ${#stored[@]} -gt 0 ] && [ "${A1:-0}" != 1 ]; then
            [ -e "$name-store.jsonl" ] || psynth merge -q "${stored[@]}" -o "$name-store.jsonl"
            stores+=(--store "$name-store.jsonl:$policy")
        fi
        make "$name-drawn.jsonl" psynth replay -q --seed "$((seed + i))" ${weights[@]+"${weights[@]}"} ${stores[@]+"${stores[@]}"} "$seeds"
        from=()
        [ "$i" -eq 0 ] || from=(--from "model-$(printf %02d $((i - 1)))")
        make "$name-trained.jsonl" psynth train -q --method policy --model "model-$name" --seed "$((seed + i))" \
            ${from[@]+"${from[@]}"} ${train[@]+"${train[@]}"} "$name-drawn.jsonl"
        make "$name-sampled.jsonl" psynth sample -q --method policy --model "model-$name" --count "$samples" --seed "$((seed + i))" \
            ${sample[@]+"${sample[@]}"} "$tasks"
    fi
    sampled+=("$name-sampled.jsonl")
    if [ "${A2:-0}" = 1 ]; then
        stored+=("$name-sampled.jsonl")
    else
        make "$name-relabeled.jsonl" psynth relabel -q --method hindsight "$name-sampled.jsonl"
        stored+=("$name-relabeled.jsonl")
    fi
    make "$name-judged.jsonl" psynth evaluate -q --rank length "$name-sampled.jsonl"
    [ -e "$name-so-far.jsonl" ] || psynth merge -q "${sampled[@]}" | psynth evaluate -q --rank length -o "$name-so-far.jsonl"
    psynth report --totals alone.totals "$name-judged.jsonl" >/dev/null
    psynth report --totals so-far.totals "$name-so-far.jsonl" >/dev/null
    printf '%s\t%s\t%s\t%s\t%s\n' "$i" "$(tell solved alone.totals)" "$(tell solved so-far.totals)" \
        "$(tell answers_3 alone.totals)" "$(tell answers_3 so-far.totals)" >>curve.tsv.part
done
mv curve.tsv.part curve.tsv
cat curve.tsv

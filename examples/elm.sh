#!/usr/bin/env bash
# ELM: MAP-Elites over walkers of Sodarace, from the seed programs, in 12 × 12 × 12 cells, with or without a language model.
#     examples/elm.sh [FOLDER]     writes its streams to FOLDER (default: elm); run again, it goes on where it was
# LANGUAGE (python or lambda), EVALUATIONS (for each seed, 2000: a minute or two), SEEDS ("0"), BASELINE (independent sequential)
# and JOBS may be set. The map is full after millions of evaluations. OPERATORS are values of --operator (default: that of the language).
# MODEL, a value of --model (psynth help models), adds a language model as one more operator; its answers are in FOLDER/answers.jsonl:
#     MODEL=openai:model=NAME examples/elm.sh
set -euo pipefail

folder=${1:-elm}
language=${LANGUAGE:-python}
mkdir -p "$folder"
cd "$folder"

baselines=()
for name in ${BASELINE:-independent}; do baselines+=(--baseline "$name"); done

operators=()
for name in ${OPERATORS:-}; do operators+=(--operator "$name"); done
if [ -n "${MODEL:-}" ]; then
    if [ -z "${OPERATORS:-}" ]; then
        case $language in python) operators=(--operator python-ast) ;; *) operators=(--operator subterm) ;; esac
    fi
    # Within a setting of an operator, the commas between the settings of the model are escaped.
    operators+=(--operator "llm:model=${MODEL//,/\\,},cache=answers.jsonl")
fi

psynth tasks sodarace --seeds "$language" -o seeds.jsonl
for seed in ${SEEDS:-0}; do
    psynth elites --method map-elites --seed "$seed" --jobs "${JOBS:-$(nproc)}" --max-evaluations "${EVALUATIONS:-2000}" \
        "${operators[@]}" "${baselines[@]}" --log "$language-$seed.log" seeds.jsonl -o "$language-$seed.jsonl"
done

psynth elites -q "$language"-*.jsonl -o "$language.jsonl"
psynth show "$language.jsonl"
psynth report "$language"-*.jsonl
if [ -e answers.jsonl ]; then psynth report answers.jsonl; fi
if psynth show --map "$language.png" "$language.jsonl" && psynth elites -q --ask 1 --select rank "$language.jsonl" |
    psynth show --image "$language.gif" - >/dev/null; then
    printf '\nThe map and a walker as pictures: %s\n' "$PWD/$language.png $PWD/$language.gif"
fi

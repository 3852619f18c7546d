#!/usr/bin/env bash
# LEAPS end to end: programs with demonstrations, a latent space of them, and the cross-entropy method on its six Karel tasks.
#     examples/leaps.sh [FOLDER]     writes streams and model to FOLDER (default: leaps); needs the extra neural
# PROGRAMS, LOSSES, EPOCHS, SEEDS, INSTANCES (worlds searched on), EVALUATIONS (of the beam search), JOBS and TRAINING (more
# options for psynth train) change what is done; MODEL names a folder with a model that is trained already. Start it again to go
# on where it was stopped.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-leaps}
read -ra seeds <<<"${SEEDS:-1 2 3 4 5}"
read -ra training <<<"${TRAINING:-}"
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
model=$(realpath -m "${MODEL:-$folder/model}")
mkdir -p "$folder"
cd "$folder"

if [ -z "${MODEL:-}" ]; then
    [ -e dataset.jsonl.zst ] || psynth sample -d karel --primitives leaps --count "${PROGRAMS:-50000}" --demonstrations 10 \
        --cover-branches -j "$jobs" -o dataset.jsonl.zst
    psynth train --method embedding --model "$model" --losses "${LOSSES:-prl}" --epochs "${EPOCHS:-150}" -j "$jobs" \
        "${training[@]}" dataset.jsonl.zst -o model.jsonl
fi

# The paper's settings for each task (Trivedi et al., NeurIPS 2021, appendix on the search): where the mean vector starts,
# vectors sampled, share of elites, deviation, and whether it falls to 0.1 in the first 500 iterations.
settings() {
    case $1 in
    stair-climber) echo "--start tiny-normal --population 32 --elite 0.05 --sigma 0.25 --final-sigma 0.1" ;;
    four-corners) echo "--start tiny-normal --population 64 --elite 0.2 --sigma 0.5" ;;
    top-off) echo "--start tiny-normal --population 64 --elite 0.05 --sigma 0.25" ;;
    maze) echo "--start ones --population 16 --elite 0.1 --sigma 0.1" ;;
    clean-house) echo "--start ones --population 32 --elite 0.05 --sigma 0.25 --final-sigma 0.1" ;;
    harvester) echo "--start normal --population 32 --elite 0.1 --sigma 0.5 --final-sigma 0.1" ;;
    esac
}

for task in stair-climber four-corners top-off maze clean-house harvester; do
    read -ra of_task <<<"$(settings "$task")"
    for seed in "${seeds[@]}"; do
        tasks=task-$task-$seed.jsonl cem=cem-$task-$seed.jsonl cebs=cebs-$task-$seed.jsonl
        psynth tasks karel --profile leaps --task "$task" --instances "${INSTANCES:-10}" --seed "$seed" -o "$tasks"
        psynth search --method cem --model "$model" "${of_task[@]}" --reduction weighted --iterations 1000 \
            --seed "$seed" --timing -q --resume "$cem" "$tasks" -o "$cem"
        # Beside it the search that depends less on its settings: it begins anew when it is stuck.
        psynth search --method cebs --model "$model" --max-evaluations "${EVALUATIONS:-20000}" \
            --seed "$seed" --timing -q --resume "$cebs" "$tasks" -o "$cebs"
    done
done

printf '\nWhat the search saw, what its best programs earn again, and on worlds that it never saw, beside the paper:\n\n'
psynth report --published "$here/leaps_published.json" cem-*.jsonl cebs-*.jsonl --image curves.png

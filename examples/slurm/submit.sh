#!/usr/bin/env bash
# The loop of wake and sleep on a SLURM cluster: an array of searches, a job that learns from what they found, and so on.
#     examples/slurm/submit.sh [FOLDER]     FOLDER (default: slurm) has to be on a file system that all nodes share
# DOMAIN (list) or TRAIN and TEST (files of tasks), ITERATIONS (4), SHARDS (16 jobs of an array), SEARCH and TEST_SEARCH (options of
# psynth enumerate), COMPRESS (options of psynth compress) and SBATCH_ARGUMENTS (a partition, an account, a time limit, …) may be set.
# Jobs that are requeued go on where they were stopped, and so do those of a folder that is submitted again.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-slurm}
iterations=${ITERATIONS:-4} shards=${SHARDS:-16}
read -ra arguments <<<"${SBATCH_ARGUMENTS:-}"
mkdir -p "$folder/log"
# The tasks of a split: those of a file, or the domain's. A folder keeps those that it began with.
tasks() {
    local file=$folder/$1.jsonl given=$2
    if [ ! -e "$file" ]; then
        if [ -n "$given" ]; then cp "$given" "$file"; else psynth tasks "${DOMAIN:-list}" --split "$1" -o "$file"; fi
    elif { [ -n "$given" ] && ! cmp -s "$given" "$file"; } ||
        { [ -z "$given" ] && ! grep -q -m 1 "\"domain\":\"${DOMAIN:-list}\"" "$file"; }; then
        echo "$file has other tasks: this loop began with them; choose another folder" >&2 && exit 2
    fi
}
tasks train "${TRAIN:-}"
tasks test "${TEST:-}"
cd "$folder"
export COMPRESS=${COMPRESS:---grammar bigram}

# Submit a job of a name after another one, if there is any; prints its number.
submit() {
    local name=$1 after=$2
    sbatch --parsable --requeue --open-mode=append --job-name="$name" --output=log/%x-%A_%a.out \
        ${after:+--dependency=afterok:"$after"} "${arguments[@]}" "${@:3}" | cut -d ';' -f 1
}

state=train.jsonl after=
for ((i = 0; i < iterations; i++)); do
    at=$(printf '%02d' "$i")
    read -ra search <<<"${SEARCH:---timeout 60}"
    after=$(submit "wake-$at" "$after" --array="1-$shards" "$here/search.sbatch" "$state" "$at-wake" "${search[@]}")
    after=$(submit "sleep-$at" "$after" "$here/sleep.sbatch" "$at" "$state")
    state=$at-sleep.jsonl
    read -ra search <<<"${TEST_SEARCH:---timeout 60}"
    tested=$(submit "test-$at" "$after" --array="1-$shards" "$here/search.sbatch" test.jsonl "$at-test" --max-frontier 1 \
        --library "$state" "${search[@]}")
    reported=${reported:+$reported:}$tested
done
submit report "$reported" "$here/report.sbatch" "$iterations"

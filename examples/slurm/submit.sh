#!/usr/bin/env bash
# The loop of wake and sleep on a SLURM cluster: an array of searches, a job that learns from what they found, and so on.
#     examples/slurm/submit.sh [FOLDER]     FOLDER (default: slurm) has to be on a file system that all nodes share
# DOMAIN (list) or TRAIN and TEST (files of tasks), ITERATIONS (4), SHARDS (16 jobs of an array), SEARCH and TEST_SEARCH (options of
# psynth enumerate), COMPRESS (options of psynth compress) and SBATCH_ARGUMENTS (a partition, an account, a time limit, …) may be set.
# Jobs that are requeued go on where they were stopped, and so do those of a folder that is submitted again.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=examples/keep_tasks.sh
. "$here/../keep_tasks.sh"
folder=${1:-slurm}
iterations=${ITERATIONS:-4} shards=${SHARDS:-16}
read -ra arguments <<<"${SBATCH_ARGUMENTS:-}"
mkdir -p "$folder/log"
DOMAIN=${DOMAIN:-list}
keep_tasks "$folder" train "${TRAIN:-}"
keep_tasks "$folder" test "${TEST:-}"
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

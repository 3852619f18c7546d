#!/usr/bin/env bash
# Does a library help on tasks that it was not learned from? Learn it on the training tasks of a domain, then search the test
# tasks with and without it, and compare what is solved within equal CPU seconds and within equal programs.
#     examples/reuse.sh [FOLDER]     writes its streams to FOLDER (default: reuse)
# DOMAIN (list), PROGRAMS (tried for a training task, 300000), BUDGET (for a test task, 1000000) and COMPRESS (options) may be set.
set -euo pipefail

folder=${1:-reuse}
domain=${DOMAIN:-list}
mkdir -p "$folder"
cd "$folder"

# One solution is enough: then the time of a search is the time to its solution.
search() { psynth enumerate --max-frontier 1 --timing "$@"; }

psynth tasks "$domain" -o train-tasks.jsonl
search --max-programs "${PROGRAMS:-300000}" train-tasks.jsonl -o train.jsonl
# shellcheck disable=SC2086 - COMPRESS may hold several options
psynth compress ${COMPRESS:-} train.jsonl | psynth document -o library.jsonl

psynth tasks "$domain" --split test -o test-tasks.jsonl
search --max-programs "${BUDGET:-1000000}" test-tasks.jsonl -o without.jsonl
search --max-programs "${BUDGET:-1000000}" --library library.jsonl test-tasks.jsonl -o with.jsonl

psynth report --json --baseline without.jsonl with.jsonl library.jsonl > report.json
psynth report --baseline without.jsonl with.jsonl library.jsonl | sed -n '/uses in solutions/,$p'
if psynth report --image solved.png --baseline without.jsonl with.jsonl library.jsonl >/dev/null; then
    printf '\nThe curves as a picture: %s\n' "$PWD/solved.png"
fi

#!/usr/bin/env bash
# The main job on real tasks: solve what can be solved, learn a library from the solutions, solve more with it; and steer Karel.
#     examples/demo.sh [FOLDER]     writes its streams to FOLDER (default: demo)
set -euo pipefail

folder=${1:-demo}
jobs=$(nproc 2>/dev/null || echo 2)
mkdir -p "$folder"
cd "$folder"

for domain in list regex; do
    printf '\n── %s: tasks | enumerate | compress | document | enumerate ──\n' "$domain"
    psynth tasks "$domain" -o "$domain-tasks.jsonl"
    psynth enumerate -j "$jobs" --max-programs 100000 "$domain-tasks.jsonl" -o "$domain-before.jsonl"
    psynth compress "$domain-before.jsonl" | psynth document -o "$domain-library.jsonl"
    psynth enumerate -j "$jobs" --max-programs 100000 "$domain-library.jsonl" -o "$domain-after.jsonl"
done

for domain in list regex; do
    printf '\nWhat psynth learned from its own solutions on %s:\n\n' "$domain"
    psynth show --only library --learned "$domain-after.jsonl"
done

printf '\nSolved before and after, with the same number of programs tried a task:\n\n'
psynth show --summary list-before.jsonl list-after.jsonl regex-before.jsonl regex-after.jsonl

printf '\n── karel: tasks | search | report ──\n\n'
psynth tasks karel --instances 64 -o karel-tasks.jsonl
psynth search -j "$jobs" --max-evaluations 200000 --timing karel-tasks.jsonl -o karel-policies.jsonl
psynth report karel-policies.jsonl
psynth show --task '*harvester*' --animate karel-policies.jsonl </dev/null | cat
if psynth show --image '{task}.gif' karel-policies.jsonl >/dev/null; then
    printf '\nThe policies at work, as pictures: %s\n' "$PWD/karel-….gif"
fi

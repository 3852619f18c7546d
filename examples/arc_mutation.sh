#!/bin/sh
# The mutation baseline of CodeIt on ARC: mutants of solvers of the training tasks, run on all evaluation tasks.
#
#     examples/arc_mutation.sh SOLVERS FOLDER [SAMPLES…]
#
# SOLVERS is a file that psynth import arc-dsl reads, with solvers of ARC-AGI-1's training tasks. For each number of
# SAMPLES (default: 9600 19200), which are accepted mutants, FOLDER gets mutants-SAMPLES.jsonl and, at the end,
# solved-SAMPLES.json with the evaluation tasks that one of three programs solves: those that are right on the most
# demonstrations, the shortest first. What is there is not made again, so a run that was cut short goes on.
set -eu
solvers=$1 folder=$2
shift 2
[ $# -gt 0 ] || set -- 9600 19200
mkdir -p "$folder"

# Files are complete or absent.
made() { [ -s "$1" ] || { shift; "$@"; }; }

made "$folder/parents.jsonl" sh -c '
    psynth import arc-dsl "$1" | psynth evaluate -q | psynth merge -q --only-solved -o "$2"' sh "$solvers" "$folder/parents.jsonl"

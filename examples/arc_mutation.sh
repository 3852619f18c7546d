#!/usr/bin/env bash
# CodeIt's mutation baseline on ARC: mutants of solvers of the training tasks, run on all evaluation tasks.
#     examples/arc_mutation.sh SOLVERS [FOLDER]     writes to FOLDER (default: arc-mutation); the curve is FOLDER/curve.tsv
# SOLVERS is a file that psynth import arc-dsl reads. A task is solved if one of the three programs that are right on the
# most demonstrations, the shortest first, is right on all of its tests.
#
# Each of these may be set:
#   COUNTS    mutants of each solver, a point of the curve for each, cumulative ("24 48": about 9,400 and 18,400 in all)
#   MUTATE    more options of psynth mutate --method codeit (--depth any)
#   EVALUATE  options of psynth evaluate --all-tasks (--fuel 5000 --max-cells 50000: what takes longer is wrong)
#   SEED      of the mutation (0)
# Start it again to go on where it was stopped: a stage whose file is there is not run again.
set -euo pipefail

[ $# -ge 1 ] || { sed -n '2,12p' "$0" >&2; exit 2; }
solvers=$1
folder=${2:-arc-mutation}
read -ra counts <<<"${COUNTS:-24 48}"
read -ra mutate <<<"${MUTATE:-}"
read -ra evaluate <<<"${EVALUATE---fuel 5000 --max-cells 50000}"
mkdir -p "$folder"

if [ ! -e "$folder/parents.jsonl" ]; then
    # Solvers that are wrong on their own task are no parents.
    psynth import arc-dsl "$solvers" | psynth evaluate -q -o "$folder/solvers.jsonl"
    python3 - "$folder/solvers.jsonl" >"$folder/parents.jsonl.part" <<'END'
import json, sys
for line in open(sys.argv[1]):
    record = json.loads(line)
    if record["type"] != "frontier" or any(each["score"] == each.get("held_out", 1) == 1 for each in record["programs"]):
        print(line, end="")
END
    mv "$folder/parents.jsonl.part" "$folder/parents.jsonl"
fi
[ -e "$folder/tasks.jsonl" ] || psynth tasks arc --split evaluation -o "$folder/tasks.jsonl"

: >"$folder/curve.tsv.part"
for count in "${counts[@]}"; do
    mutants=$folder/mutants-$count.jsonl judged=$folder/judged-$count.jsonl
    [ -e "$mutants" ] ||
        psynth mutate --method codeit --count "$count" --seed "${SEED:-0}" "${mutate[@]}" "$folder/parents.jsonl" -o "$mutants"
    [ -e "$judged" ] ||
        psynth evaluate --all-tasks --tasks "$folder/tasks.jsonl" "${evaluate[@]}" "$mutants" | psynth merge -q - |
        psynth evaluate -q --rank length "${evaluate[@]}" -o "$judged"
    programs=$(grep -o '"by":"codeit"' "$mutants" | wc -l)
    solved=$(grep '^{"type":"frontier"' "$judged" | grep -c '"answers":{[^}]*"solved":[123]' || true)
    printf '%s\t%s\n' "$programs" "$solved" >>"$folder/curve.tsv.part"
done
mv "$folder/curve.tsv.part" "$folder/curve.tsv"
cat "$folder/curve.tsv"

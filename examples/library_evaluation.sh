#!/usr/bin/env bash
# Offline synthesis: what do libraries that are learned already help to solve? Each is frozen, and the same test tasks are
# searched with each of them and with none, with the same budget.
#     examples/library_evaluation.sh LIBRARY…     streams with a library, such as dreamcoder/seed-1/03-sleep.jsonl
# Streams are written to FOLDER (library_evaluation), beside FOLDER/report.html. DOMAIN (list) or TEST (a file of tasks) names the
# tasks, SEARCH the options of psynth enumerate (--max-programs 1000000), and JOBS the worker processes. Start it again to go on.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 LIBRARY…" >&2 && exit 2; }
# shellcheck source=examples/keep_tasks.sh
. "$(dirname "$0")/keep_tasks.sh"
folder=${FOLDER:-library_evaluation}
read -ra search <<<"${SEARCH:---max-programs 1000000}"
mkdir -p "$folder"
DOMAIN=${DOMAIN:-list}
keep_tasks "$folder" test "${TEST:-}"

# One solution is enough: then the time of a search is the time to its solution.
search() {
    psynth enumerate --max-frontier 1 --timing -j "${JOBS:-1}" "${search[@]}" "${@:2}" --resume "$1" -o "$1" "$folder/test.jsonl"
}

search "$folder/base.jsonl"
found=()
for library in "$@"; do
    name=$(dirname "$library" | tr / -)-$(basename "$library")
    search "$folder/${name#.-}" --library "$library"
    found+=("$folder/${name#.-}")
done
psynth report --by file --baseline "$folder/base.jsonl" "${found[@]}" | sed -n '/uses in solutions/,$p'
if psynth report --by file --html "$folder/report.html" --baseline "$folder/base.jsonl" "${found[@]}" >/dev/null; then
    printf '\nThe report as a page: %s\n' "$folder/report.html"
fi

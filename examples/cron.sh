#!/usr/bin/env bash
# One more iteration of examples/dreamcoder.sh each time that cron starts it, unless the one before is still at work:
#     30 1 * * * PATH=$HOME/psynth/.venv/bin:$PATH $HOME/psynth/examples/cron.sh $HOME/nightly
# An iteration that was cut short, by a restart of the machine for example, is completed first. Settings are those of
# dreamcoder.sh, from the environment. What it says is in FOLDER/log.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: $0 FOLDER" >&2 && exit 2; }
folder=$1
mkdir -p "$folder"
exec 9>"$folder/lock"
flock --nonblock 9 || { echo "$folder: an iteration is still at work" >&2 && exit 0; }

seed=${SEEDS:-1}
whole=$(find "$folder" -path "*/seed-${seed%% *}/[0-9][0-9]-test.jsonl" | wc -l)
{
    date '+%F %T'
    # The lock belongs to this script alone: nothing that it starts keeps it.
    ITERATIONS=$((whole + 1)) "$here/dreamcoder.sh" "$folder" 9>&-
} >>"$folder/log" 2>&1

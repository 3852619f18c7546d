# Sourced by the scripts of loops: a folder keeps the tasks that it began with.

# keep_tasks FOLDER SPLIT FILE: make FOLDER/SPLIT.jsonl of FILE or, if that is empty, of the tasks of the domain DOMAIN (list). If
# it is there already, these have to be its tasks.
keep_tasks() {
    local kept=$1/$2.jsonl split=$2 given=$3
    if [ ! -e "$kept" ]; then
        if [ -n "$given" ]; then cp "$given" "$kept"; else psynth tasks "${DOMAIN:-list}" --split "$split" -o "$kept"; fi
    elif { [ -n "$given" ] && ! cmp -s "$given" "$kept"; } ||
        { [ -z "$given" ] && [ -n "${DOMAIN:-}" ] && ! grep -q -m 1 "\"domain\":\"$DOMAIN\"" "$kept"; }; then
        echo "$kept has other tasks: its folder began with them; choose another folder" >&2 && exit 2
    fi
}

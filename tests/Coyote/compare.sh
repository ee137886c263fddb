#!/usr/bin/env bash
# The catalogue under the real coyote tool and under ours: rewrite, test and replay, and a Markdown table of both verdicts.
#
#   tests/Coyote/compare.sh -p:CoyoteVersion=1.7.11            the package, and `coyote` from PATH
#   tests/Coyote/compare.sh -p:CoyotePath=/path/to/coyote      a folder with Microsoft.Coyote*.dll and the coyote program
#
# Environment: COYOTE (the program), ITERATIONS (executions a test, 100), TIMEOUT (seconds a test instead: Coyote then counts no executions), FILTER (a
# part of the method's full name, as FlushVsLastTb), ONLY (racy or clean: the variants that Verify found to be that), RESULTS (a folder that keeps what was
# measured; the same again goes on where it was interrupted).
# Sequential consistency on both sides: Coyote has no other.
# Exit code 1 when a replay fails or the verdicts of a variant differ without being listed in docs/coyote.md.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_ROLL_FORWARD=Major DOTNET_CLI_TELEMETRY_OPTOUT=1 COYOTE_CLI_TELEMETRY_OPTOUT=1
case "${1:-}" in
    -p:CoyotePath=*) COYOTE=${COYOTE:-${1#-p:CoyotePath=}/coyote} ;;
    -p:CoyoteVersion=*) COYOTE=${COYOTE:-coyote} ;;
    *) sed -n '2,11p' compare.sh >&2; exit 2 ;;
esac
command -v "$COYOTE" >/dev/null || { echo "compare: no program '$COYOTE'; dotnet tool install --global Microsoft.Coyote.CLI, or set COYOTE" >&2; exit 2; }

out=EntryPoints/bin/Release/net10.0
verify=../../tools/Verify/bin/Release/net10.0/verify.dll
budget=(-i "${ITERATIONS:-100}")
limit=()
command -v timeout >/dev/null && limit=(timeout 600) # ten minutes is a test that hangs
[ -z "${TIMEOUT:-}" ] || budget=(-i 1 -t "$TIMEOUT")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
results=${RESULTS:-$work/results}
mkdir -p "$results"
dotnet build EntryPoints -c Release -v:q --nologo "$1" >"$work/build" || { cat "$work/build" >&2; exit 2; }
rm -rf "$out/rewritten"
"$COYOTE" rewrite rewrite.coyote.json >"$work/rewrite" || { cat "$work/rewrite" >&2; exit 2; }
dotnet build ../../tools/Verify -c Release -v:q --nologo >"$work/build" || { cat "$work/build" >&2; exit 2; }

# Verify's verdicts on a scenario, a line a variant: variant, schedules, verdict. Asked once, and kept.
ours() {
    if [ ! -s "$results/$1.ours" ]; then
        dotnet "$verify" check --scenario "$1" --model sc --schedules 4000 --no-shrink --json --output "$work/verify" >"$work/check.json" || [ $? = 1 ]
        # One line of the JSON a property, in this order: variant, schedules, ..., verdict.
        awk -F'"' '/"variant":/{v=$4} /"schedules":/{split($0,n,/[ :,]+/); k=n[3]} /"verdict":/{print v, k, $4}' "$work/check.json" >"$results/$1.tmp"
        mv "$results/$1.tmp" "$results/$1.ours"
    fi
    cat "$results/$1.ours"
}

echo "| scenario | variant | Coyote | executions | seconds | replay | Verify | schedules | |"
echo "|---|---|---|---:|---:|---|---|---:|---|"
differ=0
for file in EntryPoints/*.g.cs; do
    class=$(basename "$file" .g.cs)
    scenario=$(sed -n 's/.*ScenarioCatalog\.Body("\([^"]*\)".*/\1/p' "$file")
    while read -r method variant; do
        full=Verify.CoyoteEntryPoints.$class.$method
        [[ -z "${FILTER:-}" || "$full" == *"$FILTER"* ]] || continue
        read -r schedules ours < <(ours "$scenario" | awk -v v="$variant" '$1==v {print $2, $3}')
        [[ -z "${ONLY:-}" || "$ours" == "$ONLY" ]] || continue
        if grep -qs "^| $scenario | $variant |" "$results/lines"; then
            grep "^| $scenario | $variant |" "$results/lines"
            continue
        fi
        began=$SECONDS
        code=0
        # A second without a step, Coyote's default, is no deadlock on a machine that does other things too.
        ${limit[@]+"${limit[@]}"} "$COYOTE" test "$out/rewritten/Verify.CoyoteEntryPoints.dll" -m "$full" "${budget[@]}" --seed 1 \
            --max-unfair-steps 20000 --deadlock-timeout 30000 --outdir "$work/$method" >"$work/log" 2>&1 || code=$?
        seconds=$((SECONDS - began))
        executions=$(sed -n 's/.*Explored \([0-9]*\) execution path.*/\1/p' "$work/log" | tail -1)
        replayed=""
        case $code in
            0) theirs=clean ;;
            2) theirs=racy
               trace=$(find "$work/$method" -name '*.trace' | head -1)
               replay=0
               "$COYOTE" replay "$out/rewritten/Verify.CoyoteEntryPoints.dll" "$trace" -m "$full" >"$work/log" 2>&1 || replay=$?
               replayed=$([ $replay = 2 ] && echo reproduced || echo "**not reproduced**") ;;
            *) theirs="error $code" ;;
        esac
        note=""
        [ "$theirs" = "$ours" ] || { note="**differ**"; grep -q "^| $scenario | $variant |.*differ" ../../docs/coyote.md || differ=1; }
        [[ "$replayed" != *not* ]] || grep -q "^| $scenario | $variant |.*not reproduced" ../../docs/coyote.md || differ=1
        echo "| $scenario | $variant | $theirs | ${executions:-0} | $seconds | $replayed | $ours | $schedules | $note |" | tee -a "$results/lines"
    done < <(sed -n 's/.*public static void \([A-Za-z0-9]*\)() => Run("\([^"]*\)").*/\1 \2/p' "$file")
done
exit $differ

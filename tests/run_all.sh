#!/bin/sh
# Every check, one after another; all are run even if one fails. Usage: run_all.sh BIN
bin=$1
failed=""
check() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}
check format "$bin/ruff" format --check --quiet .
check lint "$bin/ruff" check --quiet .
check types "$bin/mypy"
check data "$bin/icanalysis" check
check tests "$bin/python" -m pytest -q --numprocesses 2
if [ -n "$failed" ]; then
    echo "Failed:$failed"
    exit 1
fi
echo "All checks passed."

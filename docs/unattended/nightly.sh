#!/bin/sh
# For cron: 0 2 * * * /path/to/icanalysis/docs/unattended/nightly.sh
# Says nothing when all went well, so that cron sends a message only when something did not.
# Arguments are those of `icanalysis report`.
cd "$(dirname "$0")/../.." || exit 2
said=$(.venv/bin/icanalysis report "$@" 2>&1)
code=$?
[ "$code" -eq 0 ] && exit 0
echo "$said"
echo "icanalysis report ended with code $code."
exit "$code"

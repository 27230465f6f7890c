#!/bin/bash
# What an operating-system event costs: the thread that reads it, and the process that it happens to.
#
# usage: sudo scripts/event-cost.sh [CONNECTIONS]
#
# Needs python3; builds the benchmark's classes unless CLASSPATH is set.
set -euo pipefail
cd "$(dirname "$0")/.."

java=${JAVA_HOME:+$JAVA_HOME/bin/}java

if [ -z "${CLASSPATH:-}" ]; then
    list=$(mktemp)
    trap 'rm -f "$list"' EXIT
    ./mvnw -q -ntp -Pbenchmarks -pl agent-verticles -am test-compile \
        org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath -Dmdep.outputFile="$list"
    CLASSPATH=agent-verticles/target/test-classes:agent-verticles/target/classes:$(cat "$list")
fi

"$java" -Xmx64m --enable-native-access=ALL-UNNAMED -cp "$CLASSPATH" io.hindsight.agent.os.EbpfCost "${1:-300000}"

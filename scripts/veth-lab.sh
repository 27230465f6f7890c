# Sourced by the scripts that measure capture: two network namespaces, $name-a with the interface ca and $name-b with its peer cb; $folder in memory; $java and $CLASSPATH for the
# benchmarks' classes, which are built unless CLASSPATH is set. Processes in pids, namespaces and folder are gone at the end.
name=hs$$
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
folder=$(mktemp -d -p /dev/shm hindsight-lab.XXXXXX)
pids=()

cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    ip netns delete "$name-a" 2>/dev/null || true
    ip netns delete "$name-b" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT

if [ -z "${CLASSPATH:-}" ]; then
    ./mvnw -q -ntp -Pbenchmarks -pl agent-verticles -am test-compile \
        org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath -Dmdep.outputFile="$folder/cp"
    CLASSPATH=agent-verticles/target/test-classes:agent-verticles/target/classes:$(cat "$folder/cp")
fi

ip netns add "$name-a"
ip netns add "$name-b"
ip -n "$name-a" link add ca type veth peer name cb netns "$name-b"
ip -n "$name-a" link set ca up
ip -n "$name-b" link set cb up

package io.hindsight.agent.os.ebpf;

import java.util.Map;

/**
 * What is put into an object before it is loaded. Immutable.
 *
 * @param maxEntries by name of the map
 * @param initialValues by section, for example {@code .rodata.settings}; as long as the section
 */
public record BpfSetup(Map<String, Integer> maxEntries, Map<String, byte[]> initialValues) {
    public BpfSetup {
        maxEntries = Map.copyOf(maxEntries);
        initialValues = Map.copyOf(initialValues);
    }
}

package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * By which labels services chose their pods: packets have the pods' addresses once a service's own was translated. Reads the Kubernetes events of a whole
 * snapshot, whoever recorded them; only the named services are kept. A selector that was changed counts before and after: pods are told by their labels as
 * of then.
 */
final class ServiceSelectors {
    /** Selectors that are kept, of all services. */
    static final int MAX_SELECTORS = 1_024;

    private static final String SERVICE = "Service";
    private static final String SPEC = "spec";
    private static final String SELECTOR = "selector";

    private final List<String> services;
    private final Map<String, Map<String, String>> now = new HashMap<>();
    private final Map<String, Set<Map<String, String>>> byNamespace = new HashMap<>();
    private int count;

    private ServiceSelectors(List<String> services) {
        this.services = services;
    }

    /**
     * Reads the snapshot, where a service is named at all.
     *
     * @param services {@code name} or {@code namespace/name}
     * @return by namespace; none of them empty, because an empty selector chooses no pod
     */
    static Map<String, Set<Map<String, String>>> read(SnapshotFiles snapshot, List<String> services) {
        ServiceSelectors selectors = new ServiceSelectors(services);
        if (!services.isEmpty()) {
            try (MappedFiles files =
                    MappedFiles.open(snapshot.nodes().stream().map(SnapshotFiles.NodeFile::path).toList())) {
                for (int file = 0; file < files.count(); file++) {
                    selectors.read(files, file);
                }
            }
        }
        return selectors.byNamespace;
    }

    private void read(MappedFiles files, int file) {
        ChunkDirectory directory = ChunkDirectory.read(files, file, 0, chunk -> false);
        MemorySegment segment = files.segment(file);
        try {
            for (ChunkEntry chunk : directory.entries()) {
                if (chunk.source() == ChunkSource.KUBERNETES) {
                    read(segment, chunk);
                }
            }
        } catch (RuntimeException | InternalError e) {
            throw files.failure(file, e);
        }
    }

    private void read(MemorySegment segment, ChunkEntry chunk) {
        ChunkVerifier.checkBytes(segment, chunk.offset());
        long body = ChunkVerifier.bodyOffset(segment, chunk.offset());
        BlockCursor blocks = new BlockCursor(segment, body, chunk.offset() + chunk.length());
        while (blocks.next()) {
            if (blocks.type() == JournalExportBlockDescriptor.TYPE) {
                KubernetesChange change = readable(segment, blocks.offset());
                if (change != null && SERVICE.equals(change.resource())) {
                    take(change);
                }
            }
        }
    }

    /** Null where its content is broken: that is told, and counted, by the export itself. */
    private static @Nullable KubernetesChange readable(MemorySegment segment, long block) {
        try {
            return EventEntry.kubernetesChange(segment, block);
        } catch (HindsightException e) {
            if (e.code() != ErrorCode.INTEGRITY_VIOLATED) {
                throw e;
            }
            return null;
        }
    }

    private void take(KubernetesChange change) {
        String namespace = change.namespace() == null ? "" : change.namespace();
        String name = namespace + "/" + change.name();
        if (!services.contains(name) && !services.contains(String.valueOf(change.name()))) {
            return;
        }
        Map<String, String> selector = new HashMap<>();
        if (change.object() == null && change.patch() != null) {
            selector.putAll(now.getOrDefault(name, Map.of()));
        }
        merge(selector, change.object() == null ? change.patch() : change.object());
        now.put(name, selector);
        if (!selector.isEmpty() && count < MAX_SELECTORS) {
            Set<Map<String, String>> known = byNamespace.computeIfAbsent(namespace, added -> new HashSet<>());
            count += known.add(Map.copyOf(selector)) ? 1 : 0;
        }
    }

    /** What a whole object, or a merge patch of it, says of its selector. */
    private static void merge(Map<String, String> selector, @Nullable Map<String, Object> object) {
        if (object == null || !(object.get(SPEC) instanceof Map<?, ?> spec) || !spec.containsKey(SELECTOR)) {
            return;
        }
        if (spec.get(SELECTOR) instanceof Map<?, ?> labels) {
            labels.forEach((label, value) -> put(selector, String.valueOf(label), value));
        } else {
            selector.clear();
        }
    }

    private static void put(Map<String, String> selector, String label, @Nullable Object value) {
        if (value instanceof String text) {
            selector.put(label, text);
        } else {
            selector.remove(label);
        }
    }
}

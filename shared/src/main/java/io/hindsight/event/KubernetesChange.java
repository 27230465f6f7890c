package io.hindsight.event;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of a Kubernetes object, as it stands in {@code HINDSIGHT_JSON}. Immutable. Objects carry no managed fields, no environment of
 * containers, and no annotation that repeats them ({@code last-applied-configuration}); Secrets and ConfigMaps are never asked for.
 *
 * @param kind what happened
 * @param receivedNs when the recorder heard of it, by its own wall clock, since the epoch: the record's time
 * @param serverTime when it happened, by the API server's clock, as far as the object tells; absent where it does not
 * @param apiVersion for example {@code v1}, {@code apps/v1}, {@code events.k8s.io/v1}
 * @param resource kind of the object: {@code Pod}, {@code Service}, {@code EndpointSlice}, {@code Node}, {@code Event}, …; of a checkpoint's first and last record
 *     what its entries are about
 * @param namespace absent where the object belongs to none
 * @param name of the object
 * @param uid of the object
 * @param resourceVersion after the change
 * @param object the whole object, of ADDED, KNOWN, DELETED, and of MODIFIED where the recorder did not know it before. Of KNOWN what names resolve by, no
 *     more: metadata without annotations, and the fields of spec and status that name addresses, nodes, containers, ports, selectors and phases
 * @param patch of MODIFIED: what changed, as a JSON merge patch (RFC 7386) from before to after
 * @param checkpoint absent outside of checkpoints
 * @param count of a checkpoint's BEGIN and END: its entries
 */
public record KubernetesChange(
        Kind kind,
        long receivedNs,
        @Nullable Instant serverTime,
        @Nullable String apiVersion,
        String resource,
        @Nullable String namespace,
        @Nullable String name,
        @Nullable String uid,
        @Nullable String resourceVersion,
        @Nullable Map<String, Object> object,
        @Nullable Map<String, Object> patch,
        @Nullable CheckpointPart checkpoint,
        @Nullable Long count) {
    /** What happened. Names are stable. */
    public enum Kind {
        /** The object was made. */
        ADDED,
        /** The object was changed. */
        MODIFIED,
        /** The object was deleted, or was found gone after the recorder had not been able to watch. */
        DELETED,
        /** Of a checkpoint: an object that is there. */
        KNOWN,
        /** First and last record of a checkpoint. */
        CHECKPOINT
    }
}

package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.hub.export.Selection.ObjectName;
import io.hindsight.hub.packet.IpAddress;
import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses events by names: of the operating system those of chosen processes and of processes in chosen pods, or whose socket had a chosen address; of
 * Kubernetes those of chosen objects, of their owners, and the Events about either. Stateless.
 */
final class EventSelection {
    private static final String EVENT = "Event";

    private final Selection selection;

    EventSelection(Selection selection) {
        this.selection = selection;
    }

    /**
     * Whether the event at which the chunk stands is chosen.
     *
     * @throws io.hindsight.error.HindsightException INTEGRITY_VIOLATED where it cannot be read
     */
    boolean accepts(OpenChunk chunk) {
        return chunk.entry().source() == ChunkSource.OS
                ? accepts(EventEntry.osEvent(chunk.segment(), chunk.offset()), chunk.timestampNs() - chunk.shiftNs())
                : accepts(EventEntry.kubernetesChange(chunk.segment(), chunk.offset()));
    }

    private boolean accepts(OsEvent event, long timeNs) {
        return (!selection.filter().choosesHolders() || isHeld(event, timeNs))
                && (!selection.filter().choosesProcesses() || isOwned(event));
    }

    private boolean isOwned(OsEvent event) {
        return event.process() != null && selection.isChosen(event.process());
    }

    private boolean isHeld(OsEvent event, long timeNs) {
        ContainerInfo container = event.container();
        return (container != null && selection.isChosen(container)) || isHeld(event.socket(), timeNs);
    }

    private boolean isHeld(@Nullable SocketInfo socket, long timeNs) {
        if (socket == null) {
            return false;
        }
        return isHeld(socket.localAddress(), timeNs) || isHeld(socket.remoteAddress(), timeNs);
    }

    private boolean isHeld(@Nullable String address, long timeNs) {
        if (address == null) {
            return false;
        }
        try {
            // A literal alone: no name is ever looked up.
            InetAddress literal = InetAddress.ofLiteral(address);
            return selection.addresses().contains(IpAddress.high(literal), IpAddress.low(literal), timeNs);
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }

    private boolean accepts(KubernetesChange change) {
        // An object has no process.
        return !selection.filter().choosesProcesses()
                && (selection.isChosen(object(change)) || (EVENT.equals(change.resource()) && isAboutChosen(change)));
    }

    private static ObjectName object(KubernetesChange change) {
        return new ObjectName(orEmpty(change.resource()), orEmpty(change.namespace()), orEmpty(change.name()));
    }

    private boolean isAboutChosen(KubernetesChange change) {
        Map<String, Object> object = change.object();
        return object != null && (isChosen(object.get("regarding")) || isChosen(object.get("involvedObject")));
    }

    private boolean isChosen(@Nullable Object reference) {
        return reference instanceof Map<?, ?> fields
                && selection.isChosen(
                        new ObjectName(
                                text(fields.get("kind")), text(fields.get("namespace")), text(fields.get("name"))));
    }

    private static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}

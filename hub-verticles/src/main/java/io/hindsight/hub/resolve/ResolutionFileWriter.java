package io.hindsight.hub.resolve;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.Owner;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import io.hindsight.hub.resolve.ResolutionData.HeldAddress;
import io.hindsight.hub.store.DerivedFile;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code resolution.json}, value by value. The file must not become longer than a derived file may be: each section ends where its share is used up,
 * what is left of it is for the next, and what does not fit is counted as omitted. Used once, by one thread.
 */
final class ResolutionFileWriter {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int SHARES = 32;

    private final CountingOutput out;
    private final JsonGenerator json;
    private final ResolutionData data;
    private final long share;
    private final Map<String, Long> omitted;
    private final Map<SocketOwner, Integer> processes = new HashMap<>();
    private long allowed;
    private int workloadsWritten;

    private ResolutionFileWriter(ResolutionData data, OutputStream target, long lengthLimit) throws IOException {
        this.data = data;
        this.out = new CountingOutput(target);
        this.json = FACTORY.createGenerator(out, JsonEncoding.UTF8);
        this.share = lengthLimit / SHARES;
        this.omitted = new TreeMap<>(data.omitted());
    }

    static void write(ResolutionData data, OutputStream target) throws IOException {
        write(data, target, DerivedFile.MAX_LENGTH);
    }

    static void write(ResolutionData data, OutputStream target, long lengthLimit) throws IOException {
        new ResolutionFileWriter(data, target, lengthLimit).write();
    }

    private void write() throws IOException {
        json.writeStartObject();
        json.writeNumberField("formatVersion", ResolutionFile.FORMAT_VERSION);
        allowed += 13 * share;
        workloadsWritten = list("workloads", data.workloads(), Omitted.Kind.WORKLOADS, this::workload);
        allowed += 5 * share;
        list("addresses", data.addresses(), Omitted.Kind.ADDRESSES, this::address);
        allowed += 5 * share;
        list("processes", data.sockets(), Omitted.Kind.SOCKETS, this::process);
        // One share is left for what is written beyond a section's by its last entry, and for the end.
        allowed += 8 * share;
        list("sockets", data.sockets(), Omitted.Kind.SOCKETS, this::socket);
        json.writeObjectFieldStart("omitted");
        for (Map.Entry<String, Long> each : omitted.entrySet()) {
            json.writeNumberField(each.getKey(), each.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
        json.close();
    }

    /** Writes one element; false where it belongs to something that was left out. */
    @FunctionalInterface
    private interface ElementWriter<T> {
        boolean write(T element) throws IOException;
    }

    /** Returns how many elements, from the first on, were looked at. */
    private <T> int list(String name, List<T> elements, Omitted.Kind kind, ElementWriter<T> writer) throws IOException {
        json.writeArrayFieldStart(name);
        int done = 0;
        long left = 0;
        for (T element : elements) {
            if (out.count + json.getOutputBuffered() > allowed) {
                break;
            }
            done++;
            left += writer.write(element) ? 0 : 1;
        }
        json.writeEndArray();
        left += elements.size() - done;
        if (left > 0 && !name.equals("processes")) {
            omitted.merge(kind.key(), left, Long::sum);
        }
        return done;
    }

    private boolean workload(Holder workload) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", workload.type());
        text("namespace", workload.namespace());
        json.writeStringField("name", workload.name());
        text("uid", workload.uid());
        text("node", workload.node());
        if (!workload.labels().isEmpty()) {
            json.writeObjectFieldStart("labels");
            for (Map.Entry<String, String> label : new TreeMap<>(workload.labels()).entrySet()) {
                json.writeStringField(label.getKey(), label.getValue());
            }
            json.writeEndObject();
        }
        Owner owner = workload.owner();
        if (owner != null) {
            json.writeObjectFieldStart("owner");
            json.writeStringField("kind", owner.kind());
            json.writeStringField("name", owner.name());
            json.writeEndObject();
        }
        texts("addresses", workload.addresses());
        interval(workload.valid().fromNs(), workload.valid().toNs());
        json.writeEndObject();
        return true;
    }

    private boolean address(HeldAddress held) throws IOException {
        if (held.workload() >= workloadsWritten) {
            return false;
        }
        json.writeStartObject();
        json.writeStringField("address", held.address().getHostAddress());
        json.writeNumberField("workload", held.workload());
        interval(held.valid().fromNs(), held.valid().toNs());
        json.writeEndObject();
        return true;
    }

    private boolean process(SocketInterval socket) throws IOException {
        SocketOwner owner = socket.owner();
        if (processes.putIfAbsent(owner, processes.size()) != null) {
            return true;
        }
        json.writeStartObject();
        json.writeStringField("node", owner.node());
        json.writeNumberField("pid", owner.pid());
        json.writeNumberField("uid", owner.uid());
        json.writeStringField("command", owner.command());
        if (owner.arguments() != null) {
            json.writeArrayFieldStart("arguments");
            for (String argument : owner.arguments()) {
                json.writeString(argument);
            }
            json.writeEndArray();
        }
        if (owner.container() != null) {
            container(owner.container());
        }
        json.writeEndObject();
        return true;
    }

    private void container(ContainerInfo container) throws IOException {
        json.writeObjectFieldStart("container");
        json.writeStringField("id", container.id());
        text("runtime", container.runtime());
        text("podUid", container.podUid());
        text("namespace", container.namespace());
        text("pod", container.pod());
        text("name", container.name());
        json.writeEndObject();
    }

    private boolean socket(SocketInterval socket) throws IOException {
        Integer process = processes.get(socket.owner());
        if (process == null) {
            return false;
        }
        SocketKey key = socket.key();
        json.writeStartObject();
        json.writeNumberField("process", process);
        json.writeNumberField("protocol", key.protocol());
        json.writeStringField("local", key.local().getHostAddress());
        json.writeNumberField("localPort", key.localPort());
        json.writeStringField("remote", key.remote().getHostAddress());
        json.writeNumberField("remotePort", key.remotePort());
        if (socket.netns() != null) {
            json.writeNumberField("netns", socket.netns());
        }
        interval(socket.fromNs(), socket.toNs());
        json.writeEndObject();
        return true;
    }

    private void interval(long fromNs, long toNs) throws IOException {
        if (fromNs != Long.MIN_VALUE) {
            json.writeNumberField("fromNs", fromNs);
        }
        if (toNs != Long.MAX_VALUE) {
            json.writeNumberField("toNs", toNs);
        }
    }

    private void text(String field, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(field, value);
        }
    }

    private void texts(String field, List<String> values) throws IOException {
        if (!values.isEmpty()) {
            json.writeArrayFieldStart(field);
            for (String value : values) {
                json.writeString(value);
            }
            json.writeEndArray();
        }
    }

    private static final class CountingOutput extends OutputStream {
        private final OutputStream target;
        private long count;

        private CountingOutput(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int value) throws IOException {
            target.write(value);
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            target.write(bytes, offset, length);
            count += length;
        }

        @Override
        public void flush() throws IOException {
            target.flush();
        }
    }
}

package io.hindsight.hub.resolve;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.Owner;
import io.hindsight.hub.resolve.Resolution.SocketOwner;
import io.hindsight.hub.resolve.ResolutionData.HeldAddress;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code resolution.json}: FORMAT.md, section 4.7, draws it; {@link ResolutionFileWriter} writes it. Reads value by value and holds no more than
 * {@link ResolutionLimits} allow, whatever the file says. Used once, by one thread.
 */
final class ResolutionFile {
    static final int FORMAT_VERSION = 1;

    private final JsonRows json;
    private final ResolutionLimits limits = ResolutionLimits.DEFAULT;
    private final AddressTexts addresses = new AddressTexts();
    private final List<Holder> workloads = new ArrayList<>();
    private final List<HeldAddress> held = new ArrayList<>();
    private final List<SocketOwner> processes = new ArrayList<>();
    private final List<SocketRow> sockets = new ArrayList<>();
    private final Map<String, Long> omitted = new TreeMap<>();
    private int version;

    private ResolutionFile(JsonRows json) {
        this.json = json;
    }

    /** @throws HindsightException INTEGRITY_VIOLATED where the bytes are none */
    static Resolution read(byte[] bytes) {
        try (JsonRows json = new JsonRows(bytes)) {
            return new ResolutionFile(json).read();
        } catch (IOException | HindsightException e) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED, "This is no resolution.json: " + e.getMessage() + ".", e);
        }
    }

    private Resolution read() throws IOException {
        json.object(this::section);
        json.end();
        json.require(version == FORMAT_VERSION, "formatVersion=" + version + " is not known here");
        held.forEach(each -> json.require(each.workload() < workloads.size(), "an address of no workload"));
        List<SocketInterval> intervals = new ArrayList<>(sockets.size());
        for (SocketRow row : sockets) {
            json.require(row.process < processes.size(), "a socket of no process");
            intervals.add(row.toInterval(processes.get(row.process)));
        }
        ResolutionData data = new ResolutionData(List.copyOf(workloads), List.copyOf(held), intervals, omitted);
        return data.isEmpty() ? Resolution.NONE : new ResolutionIndex(data);
    }

    private void section(String name) throws IOException {
        switch (name) {
            case "formatVersion" -> version = json.number(0, Integer.MAX_VALUE);
            case "workloads" -> json.list(limits.workloads() - workloads.size(), this::workload);
            case "addresses" -> json.list(limits.addresses() - held.size(), this::address);
            case "processes" -> json.list(limits.sockets() - processes.size(), this::process);
            case "sockets" -> json.list(limits.sockets() - sockets.size(), this::socket);
            case "omitted" -> json.object(this::omission);
            default -> json.skip();
        }
    }

    private void omission(String kind) throws IOException {
        json.require(omitted.size() < Omitted.Kind.values().length, "more kinds of omissions than there are");
        omitted.put(kind, json.number());
    }

    /** From and to; absent: open. */
    private final class Interval {
        private long fromNs = Long.MIN_VALUE;
        private long toNs = Long.MAX_VALUE;

        boolean read(String field) throws IOException {
            switch (field) {
                case "fromNs" -> fromNs = json.number();
                case "toNs" -> toNs = json.number();
                default -> {
                    return false;
                }
            }
            return true;
        }

        TimeWindow window() {
            return new TimeWindow(fromNs, toNs);
        }
    }

    private void workload() throws IOException {
        WorkloadRow row = new WorkloadRow();
        json.object(row::read);
        workloads.add(
                new Holder(
                        json.present(row.type, "type"),
                        row.namespace,
                        json.present(row.name, "name"),
                        row.uid,
                        row.node,
                        row.labels,
                        row.owner(),
                        row.addresses,
                        row.interval.window()));
    }

    private final class WorkloadRow {
        private final Interval interval = new Interval();
        private final Map<String, String> labels = new HashMap<>();
        private final List<String> addresses = new ArrayList<>(1);
        private @Nullable String type;
        private @Nullable String namespace;
        private @Nullable String name;
        private @Nullable String uid;
        private @Nullable String node;
        private @Nullable String ownerKind;
        private @Nullable String ownerName;

        private void read(String field) throws IOException {
            switch (field) {
                case "type" -> type = json.text();
                case "namespace" -> namespace = json.text();
                case "name" -> name = json.text();
                case "uid" -> uid = json.text();
                case "node" -> node = json.text();
                case "labels" -> json.object(this::label);
                case "owner" -> json.object(this::ownerField);
                case "addresses" -> json.list(ResolutionLimits.MAX_ADDRESSES_OF_ONE, () -> addresses.add(json.text()));
                default -> {
                    if (!interval.read(field)) {
                        json.skip();
                    }
                }
            }
        }

        private void label(String label) throws IOException {
            json.require(labels.size() < ObjectFields.MAX_ENTRIES, "more than " + ObjectFields.MAX_ENTRIES + " labels");
            labels.put(label, json.text());
        }

        private void ownerField(String field) throws IOException {
            switch (field) {
                case "kind" -> ownerKind = json.text();
                case "name" -> ownerName = json.text();
                default -> json.skip();
            }
        }

        private @Nullable Owner owner() {
            return ownerKind == null || ownerName == null ? null : new Owner(ownerKind, ownerName);
        }
    }

    private void address() throws IOException {
        AddressRow row = new AddressRow();
        json.object(row::read);
        json.require(row.workload >= 0, "an address of no workload");
        held.add(new HeldAddress(json.present(row.address, "address"), row.workload, row.interval.window()));
    }

    private final class AddressRow {
        private final Interval interval = new Interval();
        private @Nullable InetAddress address;
        private int workload = -1;

        private void read(String field) throws IOException {
            switch (field) {
                case "address" -> address = numeric();
                case "workload" -> workload = json.number(0, limits.workloads());
                default -> {
                    if (!interval.read(field)) {
                        json.skip();
                    }
                }
            }
        }
    }

    private InetAddress numeric() throws IOException {
        return json.present(addresses.parse(json.text()), "numeric address");
    }

    private void process() throws IOException {
        ProcessRow row = new ProcessRow();
        json.object(row::read);
        processes.add(
                new SocketOwner(
                        json.present(row.node, "node"),
                        row.pid,
                        json.present(row.command, "command"),
                        row.arguments,
                        row.uid,
                        row.container.toInfo()));
    }

    private final class ProcessRow {
        private final ContainerRow container = new ContainerRow();
        private @Nullable String node;
        private @Nullable String command;
        private @Nullable List<String> arguments;
        private int pid;
        private int uid;

        private void read(String field) throws IOException {
            switch (field) {
                case "node" -> node = json.text();
                case "pid" -> pid = json.number(Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "uid" -> uid = json.number(Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "command" -> command = json.text();
                case "arguments" -> {
                    List<String> texts = new ArrayList<>();
                    json.list(ProcessImage.MAX_ARGUMENTS, () -> texts.add(json.text()));
                    arguments = List.copyOf(texts);
                }
                case "container" -> json.object(container::read);
                default -> json.skip();
            }
        }
    }

    private final class ContainerRow {
        private @Nullable String id;
        private @Nullable String runtime;
        private @Nullable String podUid;
        private @Nullable String namespace;
        private @Nullable String pod;
        private @Nullable String name;

        private void read(String field) throws IOException {
            switch (field) {
                case "id" -> id = json.text();
                case "runtime" -> runtime = json.text();
                case "podUid" -> podUid = json.text();
                case "namespace" -> namespace = json.text();
                case "pod" -> pod = json.text();
                case "name" -> name = json.text();
                default -> json.skip();
            }
        }

        private @Nullable ContainerInfo toInfo() {
            return id == null ? null : new ContainerInfo(id, runtime, podUid, namespace, pod, name);
        }
    }

    private void socket() throws IOException {
        SocketRow row = new SocketRow();
        json.object(row::read);
        json.present(row.local, "local");
        json.present(row.remote, "remote");
        row.interval.window();
        sockets.add(row);
    }

    private final class SocketRow {
        private final Interval interval = new Interval();
        private int process;
        private int protocol;
        private @Nullable InetAddress local;
        private @Nullable InetAddress remote;
        private int localPort;
        private int remotePort;
        private @Nullable Long netns;

        private void read(String field) throws IOException {
            switch (field) {
                case "process" -> process = json.number(0, limits.sockets());
                case "protocol" -> protocol = json.number(0, 255);
                case "local" -> local = numeric();
                case "localPort" -> localPort = json.number(0, 65_535);
                case "remote" -> remote = numeric();
                case "remotePort" -> remotePort = json.number(0, 65_535);
                case "netns" -> netns = json.number();
                default -> {
                    if (!interval.read(field)) {
                        json.skip();
                    }
                }
            }
        }

        private SocketInterval toInterval(SocketOwner owner) {
            SocketKey key =
                    new SocketKey(
                            owner.node(),
                            protocol,
                            json.present(local, "local"),
                            localPort,
                            json.present(remote, "remote"),
                            remotePort);
            return new SocketInterval(key, netns, interval.fromNs, interval.toNs, owner);
        }
    }
}

package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.time.TimeWindow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Works out how to answer an export request. Reads files: call it on a worker. Stateless. */
final class ExportPlanner {
    private static final int LINK_TYPE_ETHERNET = 1;

    private final SnapshotFiles all;
    private final SnapshotFiles snapshot;
    private final ExportRequest request;
    private final long[] shiftsNs;
    private final List<ChunkDirectory> directories = new ArrayList<>();

    private ExportPlanner(SnapshotFiles all, ExportRequest request) {
        this.all = all;
        this.snapshot = chosen(all, request.nodes());
        this.request = request;
        this.shiftsNs = ClockCorrection.shiftsNs(snapshot, request);
    }

    /** @param resolution asked where names are needed; events of nodes that were not chosen are in it too */
    static ExportPlan plan(SnapshotFiles snapshot, ExportRequest request, Supplier<Resolution> resolution) {
        ExportPlanner planner = new ExportPlanner(snapshot, request);
        planner.readDirectories();
        return planner.plan(resolution);
    }

    private static SnapshotFiles chosen(SnapshotFiles snapshot, List<String> names) {
        SnapshotFiles chosen = snapshot.only(names);
        for (String name : names) {
            boolean isThere = chosen.nodeNames().contains(name);
            // One that delivered nothing is told of beside others; alone there would be nothing to export.
            if (!isThere && (chosen.nodes().isEmpty() || !chosen.absentNames().contains(name))) {
                throw HindsightException.ofField(
                        ErrorCode.UNKNOWN_NODE,
                        "nodes",
                        "The snapshot holds nothing of node=" + name + "; it has " + snapshot.nodeNames() + ".");
            }
        }
        return chosen;
    }

    private void readDirectories() {
        try (MappedFiles files =
                MappedFiles.open(snapshot.nodes().stream().map(SnapshotFiles.NodeFile::path).toList())) {
            for (int file = 0; file < files.count(); file++) {
                directories.add(ChunkDirectory.read(files, file, shiftsNs[file], this::isChosen));
            }
        }
    }

    private ExportPlan plan(Supplier<Resolution> resolution) {
        List<ChunkEntry> chunks =
                directories.stream()
                        .flatMap(directory -> directory.entries().stream())
                        .filter(this::isChosen)
                        .sorted(ChunkEntry.OPENING_ORDER)
                        .toList();
        List<Integer> linkTypes = linkTypes();
        if (request.filters()) {
            new PacketFilter(request.bpf()).compileFor(linkTypes);
        }
        List<NodeSummary> summaries = summaries();
        ExportNames names = new NameLookup(all, snapshot, request, summaries).names(resolution);
        requireProcesses();
        List<CaptureNote> captureNotes = CaptureNotes.of(snapshot, request, summaries);
        String refusal = whyNotStored(names, captureNotes);
        ExportPlan plan =
                new ExportPlan(
                        snapshot,
                        request,
                        chunks,
                        ExportComments.of(snapshot, request, directories, summaries, names, captureNotes),
                        summaries,
                        interfaces(),
                        linkTypes,
                        refusal.isEmpty() ? Optional.of(storedCopy()) : Optional.empty(),
                        refusal.isEmpty()
                                ? "One node's whole file in order of time: its stored bytes are the answer."
                                : refusal,
                        names,
                        captureNotes);
        return request.format() == ExportFormat.PCAP ? withOneLinkType(plan) : plan;
    }

    private List<NodeSummary> summaries() {
        List<NodeSummary> summaries = new ArrayList<>();
        for (int file = 0; file < directories.size(); file++) {
            summaries.add(
                    NodeSummary.of(
                            snapshot,
                            snapshot.nodes().get(file),
                            request.window(),
                            shiftsNs[file],
                            directories.get(file).packetDrops()));
        }
        return summaries;
    }

    private void requireProcesses() {
        if (request.meaning().choosesProcesses()) {
            try (MappedFiles files =
                    MappedFiles.open(snapshot.nodes().stream().map(SnapshotFiles.NodeFile::path).toList())) {
                AskedProcesses.require(
                        request.meaning().processes(),
                        files,
                        directories.stream().flatMap(directory -> directory.entries().stream()).toList());
            }
        }
    }

    private boolean isChosen(ChunkEntry chunk) {
        boolean holdsSuchRecords =
                ExportContent.includes(request.contents(), chunk.source())
                        && switch (request.format()) {
                            case PCAPNG -> true;
                            case PCAP -> chunk.source() == ChunkSource.PACKETS;
                            case NDJSON -> chunk.source() != ChunkSource.PACKETS;
                        };
        // A chunk without records may still tell of drops: its statistics belong into a pcapng.
        return holdsSuchRecords
                && (chunk.records() == 0
                        || (request.window().overlaps(chunk.firstNs(), chunk.lastNs()) && !isContext(chunk)));
    }

    /** Events from before the window alone, which are not asked for. */
    private boolean isContext(ChunkEntry chunk) {
        return chunk.source() != ChunkSource.PACKETS
                && !request.has(ExportContent.CHECKPOINTS)
                && chunk.lastNs()
                        < NodeSummary.windowStartNs(
                                snapshot, snapshot.nodes().get(chunk.file()), shiftsNs[chunk.file()]);
    }

    private List<ExportPlan.NodeInterface> interfaces() {
        List<ExportPlan.NodeInterface> interfaces = new ArrayList<>();
        for (int file = 0; file < directories.size(); file++) {
            for (InterfaceDescription description : directories.get(file).interfaces()) {
                interfaces.add(new ExportPlan.NodeInterface(file, description));
            }
        }
        return interfaces;
    }

    /** Of the packets, as far as chunks describe their interfaces up front; Ethernet where there are none at all. */
    private List<Integer> linkTypes() {
        Set<Integer> linkTypes = new TreeSet<>();
        interfaces().forEach(known -> linkTypes.add(known.description().linkType()));
        return linkTypes.isEmpty() ? List.of(LINK_TYPE_ETHERNET) : List.copyOf(linkTypes);
    }

    /** Empty where it is stored bytes that are asked for. */
    private String whyNotStored(ExportNames names, List<CaptureNote> captureNotes) {
        if (request.format() != ExportFormat.PCAPNG) {
            return "Stored bytes are pcapng; format=" + request.format().label() + " has to be made.";
        }
        if (request.filters()) {
            return "A packet filter chooses among the stored packets.";
        }
        if (!request.meaning().isEmpty()) {
            return "A filter by names chooses among the stored records.";
        }
        if (!hasAllEvents()) {
            return "The file holds events that are left out: all of them, checkpoints, or what was before the window.";
        }
        if (adds(names)) {
            return "Names and comments on flows are put in; the stored bytes do not have them.";
        }
        if (!captureNotes.isEmpty()) {
            return "What was recorded when is told between the records; the stored bytes do not have it.";
        }
        if (request.correctClocks()) {
            return "The stored times are those of the nodes' own clocks.";
        }
        if (directories.size() != 1) {
            return "Files of " + directories.size() + " nodes have to be merged.";
        }
        if (!coversAll(directories.getFirst())) {
            return "The window leaves out a part of the file.";
        }
        if (!directories.getFirst().isInOrder()) {
            return "Chunks of several writers or sources overlap in time and have to be merged.";
        }
        if (!snapshot.nodes().getFirst().gaps().isEmpty() || !snapshot.absent().isEmpty()) {
            return "What is missing is told in the export; the stored bytes do not have it.";
        }
        return directories.getFirst().entries().isEmpty() ? "The file is empty." : "";
    }

    private boolean hasAllEvents() {
        return directories.stream()
                .flatMap(directory -> directory.entries().stream())
                .filter(chunk -> chunk.source() != ChunkSource.PACKETS && chunk.records() > 0)
                .allMatch(chunk ->
                        request.has(ExportContent.CHECKPOINTS)
                                && ExportContent.includes(request.contents(), chunk.source()));
    }

    private boolean adds(ExportNames names) {
        return !names.blocks().blocks().isEmpty()
                || (request.has(ExportContent.FLOWS) && !names.resolution().isEmpty());
    }

    private boolean coversAll(ChunkDirectory directory) {
        TimeWindow window = request.window();
        return directory.entries().stream()
                .allMatch(chunk -> chunk.records() == 0 || window.containsAll(chunk.firstNs(), chunk.lastNs()));
    }

    private ExportPlan.StoredCopy storedCopy() {
        ChunkEntry last = directories.getFirst().entries().getLast();
        return new ExportPlan.StoredCopy(snapshot.nodes().getFirst().path(), last.offset() + last.length());
    }

    /** pcap holds one link type, in its first bytes: so the packets that will be written are looked at beforehand. */
    private ExportPlan withOneLinkType(ExportPlan plan) {
        LinkTypeSink sink = new LinkTypeSink();
        try (ExportRun run = ExportRun.into(plan, sink)) {
            run.finish();
        }
        int[] found = sink.found();
        if (found.length > 1) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "format",
                    "A pcap file holds one link type, the chosen packets have "
                            + found.length
                            + ": linkTypes="
                            + Arrays.stream(found).mapToObj(Integer::toString).collect(Collectors.joining(","))
                            + ". Use format=pcapng, or choose nodes or a filter that leave one.");
        }
        List<Integer> linkTypes = found.length == 1 ? List.of(found[0]) : List.of(plan.linkTypes().getFirst());
        return plan.ofLinkTypes(linkTypes);
    }
}

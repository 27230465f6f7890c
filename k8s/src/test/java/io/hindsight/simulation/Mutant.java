package io.hindsight.simulation;

import java.util.List;
import java.util.stream.Stream;

/**
 * A fault that somebody could make: exact pieces of source, and what stands there instead.
 *
 * @param name what is wrong
 * @param edits where
 */
record Mutant(String name, List<Edit> edits) {
    private static final String AGENT = "agent-verticles/src/main/java/io/hindsight/agent/";
    private static final String HUB = "hub-verticles/src/main/java/io/hindsight/hub/";

    /**
     * One change.
     *
     * @param file source, from the project's root
     * @param from stands there exactly once
     * @param to what it becomes
     */
    record Edit(String file, String from, String to) {}

    private static Mutant of(String name, String file, String from, String to) {
        return new Mutant(name, List.of(new Edit(file, from, to)));
    }

    @Override
    public String toString() {
        return name;
    }

    /** Those that break at once, for every run. */
    static List<Mutant> quick() {
        return List.of(
                of(
                        "edge chunks are not trimmed",
                        AGENT + "extract/ChunkPreparer.java",
                        "if (window.containsAll(header.firstTimestampNs(), header.lastTimestampNs())) {",
                        "if (!window.equals(null)) {"),
                of(
                        "the index is not forced at its end",
                        HUB + "store/NodeFileWriter.java",
                        "        data.force();\n        indexFile.force();\n        data.close();",
                        "        data.force();\n        data.close();"),
                of(
                        "recycled chunks of a session are no gap",
                        AGENT + "extract/ExtractSession.java",
                        "                addLost(lost, planned.source(), slot);\n",
                        ""));
    }

    /** All of them. */
    static List<Mutant> all() {
        return Stream.concat(quick().stream(), slow().stream()).toList();
    }

    private static List<Mutant> slow() {
        return List.of(
                of(
                        "acknowledged without having been forced",
                        HUB + "store/NodeFileWriter.java",
                        "                    data.force();\n                    indexFile.force();\n                });\n        if (synced) {",
                        "                });\n        if (synced) {"),
                of(
                        "more is acknowledged than was written",
                        HUB + "store/NodeFileWriter.java",
                        "        Map<String, Long> sequences = row.sequences();\n        long bytes",
                        "        Map<String, Long> sequences = new java.util.HashMap<>(row.sequences());\n        sequences.replaceAll((source, last) -> last + 1);\n        long bytes"),
                of(
                        "a stream is whole when its end has come",
                        HUB + "snapshot/ChunkStream.java",
                        "        if (told.chunks() == chunksReceived && told.bytes() == bytesReceived) {",
                        "        if (told.chunks() >= 0) {"),
                of(
                        "a copy of a chunk counts",
                        HUB + "snapshot/ChunkStream.java",
                        "        if (last != null && chunk.sequence() <= last) {\n            return true;",
                        "        if (last != null && chunk.sequence() <= last) {\n            return false;"),
                of(
                        "a slot is kept from capture for a chunk that was never sent",
                        AGENT + "extract/ChunkPump.java",
                        "            ready.release();\n",
                        ""),
                of(
                        "the room of offered chunks is not given back",
                        HUB + "lane/PieceReceiver.java",
                        "            offered.giveBack();\n            if (offered.unanswered",
                        "            if (offered.unanswered"),
                of(
                        "the end overtakes the last chunk on the clustered bus",
                        AGENT + "extract/ClusteredChunkChannel.java",
                        "        boolean isDrained = queuedChunks == 0;",
                        "        boolean isDrained = true;"),
                of(
                        "members of a batch end before what they share has come",
                        HUB + "snapshot/ChunkStream.java",
                        " && memberEnds.element().chunks() <= chunksReceived) {",
                        ") {"),
                of(
                        "members of a batch take every chunk whole",
                        HUB + "snapshot/FeedMember.java",
                        "        return windows.cutFor(chunk);",
                        "        return null;"),
                of(
                        "a chunk for several is cut to the window of the last",
                        AGENT + "extract/SharedExtract.java",
                        "window = cuts && members.size() == 1 ? own.window() : window;",
                        "window = own.window();"),
                of(
                        "one acknowledgement unpins everything",
                        AGENT + "extract/ExtractSession.java",
                        "planned.source().ring().unpinThrough(id, through);",
                        "planned.source().ring().unpinThrough(id, Long.MAX_VALUE);"),
                new Mutant(
                        "what the ring no longer has is no gap",
                        List.of(
                                new Edit(
                                        AGENT + "extract/GapFinder.java",
                                        "        long historyStartNs = beforeOldest(slots);\n",
                                        "        long historyStartNs = window.fromNs();\n"),
                                new Edit(
                                        AGENT + "extract/GapFinder.java",
                                        "        recycledAmongOthers(historyStartNs, recycled);\n",
                                        ""))),
                of(
                        "the data file is not forced at its end",
                        HUB + "store/NodeFileWriter.java",
                        "        data.force();\n        indexFile.force();\n        data.close();",
                        "        indexFile.force();\n        data.close();"),
                of(
                        "the parent directory is not forced after the rename",
                        HUB + "store/LocalSnapshotBuild.java",
                        "            Folders.force(parent());\n        } catch",
                        "        } catch"),
                of(
                        "the manifest is written to its place without being forced",
                        HUB + "store/Folders.java",
                        "            created.force();\n",
                        ""),
                of(
                        "the budget of a session that failed is not released",
                        HUB + "snapshot/SnapshotSession.java",
                        "                    hub.budget().release(order.id());\n                    close();",
                        "                    close();"),
                of(
                        "the files of a session that failed stay",
                        HUB + "snapshot/SnapshotSession.java",
                        "                            removeFiles();\n",
                        ""),
                new Mutant(
                        "pins outlive their lease",
                        List.of(
                                new Edit(
                                        AGENT + "ring/PinTable.java",
                                        "if (session.deadlineNs - nowNs <= 0 && !session.held.isEmpty()) {",
                                        "if (session.deadlineNs - nowNs <= Long.MIN_VALUE && !session.held.isEmpty()) {"),
                                new Edit(
                                        AGENT + "extract/ExtractService.java",
                                        "        shared.fail(session.id(), code, reason);\n        session.release();",
                                        "        shared.fail(session.id(), code, reason);"))),
                of(
                        "the oldest record says until when chunks of all capture threads are gone",
                        AGENT + "ring/SlotPool.java",
                        "                recycledTimes.recycled(directory.info(slot));\n",
                        ""),
                of(
                        "the open chunk is thrown away in recovery",
                        AGENT + "ring/RingRecovery.java",
                        "case OPEN -> closeTorn(slot);",
                        "case OPEN -> free(slot);"),
                of(
                        "the last block of an open chunk is cut off in recovery",
                        AGENT + "ring/RingRecovery.java",
                        "            return committed;\n",
                        "            return RecordScan.wholeLength(memory, bodyStart, committed - 1, spec.source(), TimeWindow.ALL);\n"),
                of(
                        "chunks that come too late are not given back",
                        HUB + "snapshot/ChunkStream.java",
                        "                late.release();\n",
                        "                LOG.debug(\"{}\", late);\n"),
                of(
                        "holes of a file that was whole are not looked at after a restart",
                        HUB + "snapshot/NodePart.java",
                        "        unexplained(holdings);\n        state = SnapshotNode.State.PLANNED;",
                        "        state = SnapshotNode.State.PLANNED;"),
                of(
                        "a node that is given up lacks nothing",
                        HUB + "snapshot/NodePart.java",
                        "        gaps = extended;\n",
                        ""),
                of(
                        "a broken stream is never replaced",
                        HUB + "snapshot/NodeStream.java",
                        "        } else {\n            planAgain();\n        }",
                        "        }"));
    }
}

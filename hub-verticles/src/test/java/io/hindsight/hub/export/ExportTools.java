package io.hindsight.hub.export;

import io.hindsight.testing.Tools;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs exports and the programs that judge them. */
final class ExportTools {
    private ExportTools() {}

    static byte[] export(SnapshotFiles snapshot, ExportRequest request) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Exporter.exportTo(Exporter.plan(snapshot, request), Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    /** Never a stored copy; every buffer has this length. */
    static byte[] exportInSteps(SnapshotFiles snapshot, ExportRequest request, int bufferLength) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[bufferLength];
        try (ExportRun run = ExportRun.of(Exporter.plan(snapshot, request), () -> false)) {
            for (long length = run.fill(MemorySegment.ofArray(buffer));
                    length > 0;
                    length = run.fill(MemorySegment.ofArray(buffer))) {
                bytes.write(buffer, 0, (int) length);
            }
        }
        return bytes.toByteArray();
    }

    static Path exportTo(Path file, SnapshotFiles snapshot, ExportRequest request) {
        Exporter.exportTo(Exporter.plan(snapshot, request), file);
        return file;
    }

    /** What tcpdump reads of a file. */
    static List<PcapPacket> tcpdump(Path file, String... expression) {
        List<String> command =
                new ArrayList<>(List.of("tcpdump", "-r", file.toString(), "--time-stamp-precision=nano", "-w", "-"));
        command.addAll(List.of(expression));
        return PcapPacket.read(Tools.run(command.toArray(String[]::new)).succeeded().stdoutBytes());
    }

    /** What mergecap makes of files, as tcpdump reads it. */
    static List<PcapPacket> mergecap(Path into, List<Path> files) {
        List<String> command = new ArrayList<>(List.of("mergecap", "-w", into.toString()));
        files.forEach(file -> command.add(file.toString()));
        Tools.run(command.toArray(String[]::new)).succeeded();
        return tcpdump(into);
    }
}

package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The object that is shipped, its sources, and the descriptors of what the programs write belong together. */
class EbpfObjectTest {
    private static final Path SOURCES = Path.of("src/main/ebpf");
    private static final Path COMPILED = Path.of("target/ebpf/hindsight.bpf.o");
    private static final Pattern DIGEST = Pattern.compile("hindsight-sources-sha256=([0-9a-f]{64})\0");
    private static final Pattern COMPILER = Pattern.compile("hindsight-compiler=([^\0]+)\0");

    /** Names of programs stand in the object's string table, one after the other. */
    private static final Pattern SYMBOL =
            Pattern.compile("\0((?:raw_tracepoint|tracepoint)/[a-z0-9_/]+|process_\\w+|tcp_\\w+|oom_kill)(?=\0)");

    private static final Pattern LAYOUT =
            Pattern.compile("^LAYOUT\\((\\w+), ([\\w.]+), (\\d+)\\);$", Pattern.MULTILINE);
    private static final Pattern LENGTH = Pattern.compile("^LENGTH\\((\\w+), (\\d+)\\);$", Pattern.MULTILINE);

    @Test
    void shouldShipWhatWasCompiledOfTheSources() throws IOException, NoSuchAlgorithmException {
        assertThat(find(DIGEST, text(EbpfFeed.shippedObject())))
                .as("src/main/ebpf/compile.sh makes the object anew")
                .isEqualTo(digestOfSources());
    }

    /** With another compiler the bytes may differ, the programs' names and places may not. */
    @Test
    void shouldCompileToTheSameProgramsAgain() throws IOException {
        Tools.require("clang", "llvm-strip");
        byte[] shipped = EbpfFeed.shippedObject();
        byte[] compiled = Files.readAllBytes(COMPILED);
        assertThat(symbols(compiled))
                .isEqualTo(symbols(shipped))
                .contains("tcp_state", "tracepoint/syscalls/sys_exit_accept4");
        if (find(COMPILER, text(compiled)).equals(find(COMPILER, text(shipped)))) {
            assertThat(compiled).isEqualTo(shipped);
        }
    }

    @Test
    void shouldDescribeRecordsAsTheCompilerLaysThemOut() throws IOException {
        assertThat(layouts())
                .containsEntry("record.time_ns", EbpfRecordDescriptor.TIME_OFFSET)
                .containsEntry("record.kind", EbpfRecordDescriptor.KIND_OFFSET)
                .containsEntry("record.detail", EbpfRecordDescriptor.DETAIL_OFFSET)
                .containsEntry("record.process.started_ns", EbpfRecordDescriptor.STARTED_OFFSET)
                .containsEntry("record.process.cgroup_id", EbpfRecordDescriptor.CGROUP_ID_OFFSET)
                .containsEntry("record.process.pid", EbpfRecordDescriptor.PID_OFFSET)
                .containsEntry("record.process.tid", EbpfRecordDescriptor.TID_OFFSET)
                .containsEntry("record.process.parent_pid", EbpfRecordDescriptor.PARENT_PID_OFFSET)
                .containsEntry("record.process.uid", EbpfRecordDescriptor.UID_OFFSET)
                .containsEntry("record.process.command", EbpfRecordDescriptor.COMMAND_OFFSET)
                .containsEntry("record", EbpfRecordDescriptor.HEAD_LENGTH)
                .containsEntry("exec_record.argument_bytes", EbpfRecordDescriptor.ARGUMENT_BYTES_OFFSET)
                .containsEntry("exec_record.copied_bytes", EbpfRecordDescriptor.COPIED_BYTES_OFFSET)
                .containsEntry("exec_record.arguments", EbpfRecordDescriptor.ARGUMENTS_OFFSET)
                .containsEntry("socket_record.netns", EbpfRecordDescriptor.NETNS_OFFSET)
                .containsEntry("socket_record.family", EbpfRecordDescriptor.FAMILY_OFFSET)
                .containsEntry("socket_record.local_port", EbpfRecordDescriptor.LOCAL_PORT_OFFSET)
                .containsEntry("socket_record.remote_port", EbpfRecordDescriptor.REMOTE_PORT_OFFSET)
                .containsEntry("socket_record.old_state", EbpfRecordDescriptor.OLD_STATE_OFFSET)
                .containsEntry("socket_record.state", EbpfRecordDescriptor.STATE_OFFSET)
                .containsEntry("socket_record.local_address", EbpfRecordDescriptor.LOCAL_ADDRESS_OFFSET)
                .containsEntry("socket_record.remote_address", EbpfRecordDescriptor.REMOTE_ADDRESS_OFFSET)
                .containsEntry(
                        "socket_record",
                        EbpfRecordDescriptor.REMOTE_ADDRESS_OFFSET + EbpfRecordDescriptor.ADDRESS_LENGTH);
    }

    @Test
    void shouldDescribeCountersAndSettingsAsTheCompilerLaysThemOut() throws IOException {
        assertThat(layouts())
                .containsEntry("counters.produced", EbpfStateDescriptor.PRODUCED_OFFSET)
                .containsEntry("counters.ring_full", EbpfStateDescriptor.RING_FULL_OFFSET)
                .containsEntry("counters.rate_limited", EbpfStateDescriptor.RATE_LIMITED_OFFSET)
                .containsEntry("counters", EbpfStateDescriptor.SLOT_LENGTH)
                .containsEntry("state.paid_until_ns", EbpfStateDescriptor.PAID_UNTIL_OFFSET)
                .containsEntry("state", EbpfStateDescriptor.STATE_LENGTH)
                .containsEntry("settings.interval_ns", EbpfStateDescriptor.INTERVAL_OFFSET)
                .containsEntry("settings.burst_ns", EbpfStateDescriptor.BURST_OFFSET)
                .containsEntry("settings", EbpfStateDescriptor.SETTINGS_LENGTH);
    }

    @Test
    void shouldNumberKindsAsTheProgramsDo() throws IOException {
        String kinds =
                find(Pattern.compile("enum kind \\{ (.*), KINDS };"), Files.readString(SOURCES.resolve("records.h")));
        assertThat(EbpfStateDescriptor.KINDS.stream().map(Enum::name)).containsExactly(kinds.split(", "));
    }

    /** As compile.sh: the name of each source and a line feed, then its bytes. */
    private static String digestOfSources() throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Path source : sources()) {
            digest.update((source.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(source));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            List<Path> all = files.sorted().toList();
            return Stream.of(".bpf.c", ".h", ".sh")
                    .flatMap(ending -> all.stream().filter(file -> file.toString().endsWith(ending)))
                    .toList();
        }
    }

    private static Map<String, Integer> layouts() throws IOException {
        String header = Files.readString(SOURCES.resolve("records.h"));
        Map<String, Integer> layouts = new HashMap<>();
        LAYOUT.matcher(header)
                .results()
                .forEach(line -> layouts.put(line.group(1) + "." + line.group(2), Integer.valueOf(line.group(3))));
        LENGTH.matcher(header).results().forEach(line -> layouts.put(line.group(1), Integer.valueOf(line.group(2))));
        return layouts;
    }

    private static Set<String> symbols(byte[] object) {
        Set<String> symbols = new TreeSet<>();
        SYMBOL.matcher(text(object)).results().forEach(symbol -> symbols.add(symbol.group(1)));
        return symbols;
    }

    private static String find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(pattern.pattern()).isTrue();
        return matcher.group(1);
    }

    private static String text(byte[] object) {
        return new String(object, StandardCharsets.ISO_8859_1);
    }
}

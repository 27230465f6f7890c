package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.BlockWriter;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OsEntryTest {
    private static final long TIME_NS = 1_700_000_000_123_456_789L;
    private static final String ID = "a51a9f7d073f848e7fc59e56e8f11524f330a2175a4ed26327da2dfe0d28015f";
    private static final ProcessInfo CURL =
            new ProcessInfo(4_711, 4_712, 4_000, "curl", 1_000, 77L, "/kubepods/x", TIME_NS - 5);
    private static final SocketInfo SOCKET =
            new SocketInfo("tcp", "10.0.0.1", 40_000, "10.0.0.2", 8_080, 4_026_531_833L, "ESTABLISHED", null);

    private final OsEntry entries = new OsEntry(8_192);

    @Test
    void shouldWriteFieldsToFilterBy() {
        OsEvent event =
                new OsEvent(
                        Kind.CONNECT,
                        TIME_NS,
                        CURL,
                        null,
                        null,
                        null,
                        null,
                        SOCKET,
                        new ContainerInfo(ID, "containerd", "uid-1", "shop", "checkout-7f8b", "app"),
                        null,
                        null);
        Map<String, String> fields = fields(event);
        assertThat(fields)
                .containsEntry("HINDSIGHT_TIME_NS", "1700000000123456789")
                .containsEntry("MESSAGE", "curl[4711] connected 10.0.0.1:40000 → 10.0.0.2:8080")
                .containsEntry("PRIORITY", "6")
                .containsEntry("SYSLOG_IDENTIFIER", "hindsight-os")
                .containsEntry("OS_KIND", "CONNECT")
                .containsEntry("OS_PID", "4711")
                .containsEntry("OS_TID", "4712")
                .containsEntry("OS_PPID", "4000")
                .containsEntry("OS_COMM", "curl")
                .containsEntry("OS_UID", "1000")
                .containsEntry("OS_CGROUP", "/kubepods/x")
                .containsEntry("OS_PROTOCOL", "tcp")
                .containsEntry("OS_LOCAL", "10.0.0.1:40000")
                .containsEntry("OS_REMOTE", "10.0.0.2:8080")
                .containsEntry("OS_STATE", "ESTABLISHED")
                .containsEntry("K8S_CONTAINER_ID", ID)
                .containsEntry("K8S_NAMESPACE", "shop")
                .containsEntry("K8S_POD", "checkout-7f8b")
                .containsEntry("K8S_CONTAINER", "app")
                .doesNotContainKeys("OS_EXIT_CODE", "OS_SIGNAL", "HINDSIGHT_CHECKPOINT", "OS_ARGS");
        assertThat(RecordingSink.read(entry(event))).isEqualTo(event);
    }

    @Test
    void shouldSayInASentenceWhatHappened() {
        ProcessInfo nginx = TestEvents.process(12, 1, "nginx");
        SocketInfo six = new SocketInfo("tcp", "2001:db8::1", 443, "2001:db8::2", 50_000, null, "ESTABLISHED", null);
        assertThat(message(TestEvents.exit(TIME_NS, nginx, 0, null))).isEqualTo("nginx[12] exited with status 0");
        assertThat(message(TestEvents.exit(TIME_NS, nginx, null, 9))).isEqualTo("nginx[12] was killed by signal 9");
        assertThat(message(TestEvents.exec(TIME_NS, nginx, "nginx", "-g", "daemon off;")))
                .isEqualTo("nginx[12] runs nginx -g daemon off;");
        assertThat(message(TestEvents.of(Kind.FORK, TIME_NS, nginx))).isEqualTo("nginx[12] was started by process 1");
        assertThat(message(TestEvents.of(Kind.OOM_KILL, TIME_NS, nginx)))
                .isEqualTo("nginx[12] is killed because memory ran out");
        assertThat(message(TestEvents.socket(Kind.ACCEPT, TIME_NS, nginx, six)))
                .isEqualTo("nginx[12] accepted [2001:db8::2]:50000 → [2001:db8::1]:443");
        SocketInfo refused = new SocketInfo("tcp", "10.0.0.1", 1, "10.0.0.2", 2, null, "CLOSE", null);
        assertThat(message(TestEvents.socket(Kind.CONNECT, TIME_NS, nginx, refused)))
                .isEqualTo("nginx[12] could not connect 10.0.0.1:1 → 10.0.0.2:2");
        SocketInfo ended = new SocketInfo("tcp", "10.0.0.1", 1, "10.0.0.2", 2, null, "FIN_WAIT1", "ESTABLISHED");
        assertThat(message(TestEvents.socket(Kind.STATE, TIME_NS, null, ended)))
                .isEqualTo(
                        "a process that is not known has 10.0.0.1:1 → 10.0.0.2:2 in state FIN_WAIT1, before ESTABLISHED");
        SocketInfo listening = new SocketInfo("tcp", "0.0.0.0", 80, "0.0.0.0", 0, null, "LISTEN", null);
        assertThat(message(TestEvents.socket(Kind.SOCKET, TIME_NS, nginx, listening)))
                .isEqualTo("nginx[12] holds tcp 0.0.0.0:80 LISTEN");
    }

    @Test
    void shouldMarkTheEndsOfACheckpoint() {
        OsEvent end =
                new OsEvent(
                        Kind.CHECKPOINT, TIME_NS, null, null, null, null, null, null, null, CheckpointPart.END, 17L);
        assertThat(fields(end))
                .containsEntry("MESSAGE", "What runs and which sockets are open, records=17, ends here")
                .containsEntry("HINDSIGHT_CHECKPOINT", "end")
                .doesNotContainKey("OS_PID");
    }

    @Test
    void shouldKeepTheSentenceOnOneLineWhateverAProcessIsCalled() {
        ProcessInfo hostile = TestEvents.process(5, 1, "a\nMESSAGE=b\r\u202e\u0007\\");
        OsEvent event = TestEvents.exec(TIME_NS, hostile, "x\ny", "\u001b[31mred", "\ud83d\ude00 ok");
        Map<String, String> fields = fields(event);
        assertThat(fields.get("MESSAGE"))
                .isEqualTo("a\\x0aMESSAGE=b\\x0d\\u202e\\x07\\x5c[5] runs x\\x0ay \\x1b[31mred \ud83d\ude00 ok");
        assertThat(fields).containsEntry("OS_COMM", "a\nMESSAGE=b\r\u202e\u0007\\");
        assertThat(RecordingSink.read(entry(event))).isEqualTo(event);
    }

    @Test
    void shouldCutALongSentence() {
        OsEvent event = TestEvents.exec(TIME_NS, CURL, "curl", "y".repeat(2_000));
        assertThat(message(event)).hasSizeLessThan(400).endsWith("…");
    }

    @Test
    void shouldLeaveArgumentsOutWhereTheEntryWouldBeTooLong() {
        OsEvent event = TestEvents.exec(TIME_NS, CURL, "curl", "\u0001".repeat(2_000));
        OsEvent read = RecordingSink.read(entry(event));
        assertThat(read.arguments()).isNull();
        assertThat(read.argumentsCut()).isTrue();
        assertThat(read.process()).isEqualTo(CURL);
    }

    @Test
    void shouldGiveUpWhatIsTooLongWithoutArgumentsAsWell() {
        ProcessInfo deep =
                new ProcessInfo(1, 1, 0, "x", 0, null, String.join("/", Collections.nCopies(8_000, "a")), null);
        assertThat(entries.entry(TestEvents.of(Kind.FORK, TIME_NS, deep))).isEmpty();
    }

    private String message(OsEvent event) {
        return String.valueOf(fields(event).get("MESSAGE"));
    }

    private byte[] entry(OsEvent event) {
        return entries.entry(event).orElseThrow();
    }

    private Map<String, String> fields(OsEvent event) {
        byte[] entry = entry(event);
        int length = BlockDescriptor.MIN_LENGTH + BlockDescriptor.align(entry.length);
        MemorySegment block = MemorySegment.ofArray(new byte[length]);
        BlockWriter.begin(block, 0, JournalExportBlockDescriptor.TYPE).padded(entry, entry.length).end();
        Map<String, String> fields = new LinkedHashMap<>();
        JournalEntryReader reader = new JournalEntryReader(block, 0);
        while (reader.next()) {
            byte[] value = reader.valueBytes().toArray(ValueLayout.JAVA_BYTE);
            fields.put(reader.name(), new String(value, StandardCharsets.UTF_8));
        }
        return fields;
    }
}

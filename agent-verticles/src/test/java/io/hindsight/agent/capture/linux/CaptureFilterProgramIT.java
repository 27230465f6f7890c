package io.hindsight.agent.capture.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.capture.InterfaceSelection;
import io.hindsight.agent.capture.NetworkNamespace;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The program that picks interfaces, run by the kernel, with nobody who would replace it when interfaces appear. */
class CaptureFilterProgramIT {
    private static final int SNAP_LENGTH = 1_000;

    private NetworkNamespace here;
    private NetworkNamespace there;

    @BeforeEach
    void connect() {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "python3");
        here = new NetworkNamespace();
        there = new NetworkNamespace();
        here.connect("hsa", there, "hsb");
    }

    @AfterEach
    void disconnect() {
        for (NetworkNamespace namespace : new NetworkNamespace[] {here, there}) {
            if (namespace != null) {
                namespace.close();
            }
        }
    }

    @Test
    void shouldPassWhatWasChosen() throws Exception {
        assertThat(packetsOf("hsb", List.of(indexOf("hsa")), highestIndex())).isEqualTo(3);
    }

    @Test
    void shouldDropWhatWasNot() throws Exception {
        assertThat(packetsOf("hsb", List.of(indexOf("lo")), highestIndex())).isZero();
        assertThat(packetsOf("hsb", List.of(), highestIndex())).isZero();
    }

    @Test
    void shouldPassAnInterfaceThatIsTooNewToBeKnown() throws Exception {
        int highest = highestIndex();
        here.connect("hsx", there, "hsy");
        assertThat(packetsOf("hsy", List.of(), highest)).isEqualTo(3);
        assertThat(packetsOf("hsb", List.of(), highest)).isZero();
    }

    @Test
    void shouldPickAmongManyInterfaces() throws Exception {
        List<Integer> many = IntStream.range(10_000, 10_900).boxed().toList();
        List<Integer> with = Stream.concat(many.stream(), Stream.of(indexOf("hsa"))).toList();
        assertThat(packetsOf("hsb", many, 20_000)).isZero();
        assertThat(packetsOf("hsb", with, 20_000)).isEqualTo(3);
    }

    /** Sends three frames through an interface, and says how many of them pass. */
    private int packetsOf(String sender, List<Integer> indexes, int highestIndex) throws Exception {
        LinkSelection links = new LinkSelection(false, indexes, highestIndex, Set.of(), "");
        return here.call(() -> {
            try (PacketSocket socket = PacketSocket.open(2L * PacketSocket.BLOCK_SIZE)) {
                socket.attach(CaptureFilterProgram.ofSnapLength(links, true, SNAP_LENGTH));
                socket.bind(0);
                send(sender);
                return packetsInFirstBlock(socket.ring());
            }
        });
    }

    /** The kernel hands a block over soon, if there is anything in it. */
    private static int packetsInFirstBlock(MemorySegment ring) {
        await().pollDelay(Duration.ofMillis(3L * PacketSocket.RETIRE_TIMEOUT_MS)).until(() -> true);
        return ring.get(ValueLayout.JAVA_INT, TpacketBlockDescriptor.STATUS_OFFSET)
                        == TpacketBlockDescriptor.STATUS_KERNEL
                ? 0
                : ring.get(ValueLayout.JAVA_INT, TpacketBlockDescriptor.PACKET_COUNT_OFFSET);
    }

    private void send(String interfaceName) {
        there.run(
                "python3",
                "-c",
                "import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('"
                        + interfaceName
                        + "', 0)); [s.send(b'\\xff' * 12 + b'\\x88\\xb5' + b'x' * 46) for _ in range(3)]");
    }

    private int indexOf(String name) throws Exception {
        return links().links().stream().filter(link -> link.name().equals(name)).findFirst().orElseThrow().index();
    }

    private int highestIndex() throws Exception {
        return links().selected().highestIndex();
    }

    private LinkTable links() throws Exception {
        LinkTable table = new LinkTable(new InterfaceSelection(List.of("any")), 0, "");
        here.call(() -> {
            try (LinkWatcher watcher = new LinkWatcher(table, () -> {})) {
                watcher.list();
                return table;
            }
        });
        return table;
    }
}

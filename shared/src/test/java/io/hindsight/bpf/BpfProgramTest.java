package io.hindsight.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.Root;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BpfProgramTest {
    private static final int ETHERNET = 1;
    private static final int RAW_IP = 101;
    private static final int UDP_OFFSET = 34;

    /** UDP 10.0.0.1:1024 → 10.0.0.2:53. */
    private static byte[] dns() {
        byte[] frame = new byte[60];
        frame[12] = 8;
        frame[14] = 0x45;
        frame[23] = 17;
        frame[26] = 10;
        frame[29] = 1;
        frame[30] = 10;
        frame[33] = 2;
        frame[UDP_OFFSET] = 4;
        frame[UDP_OFFSET + 3] = 53;
        return frame;
    }

    private static boolean matches(String expression, int linkType, byte[] packet, int originalLength) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(packet.length + 8L);
            MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 8, packet.length);
            return BpfProgram.compile(expression, linkType, 0).matches(memory, 8, packet.length, originalLength);
        }
    }

    @Test
    void shouldTellPacketsApart() {
        assertThat(matches("udp port 53", ETHERNET, dns(), 60)).isTrue();
        assertThat(matches("host 10.0.0.2 and not tcp", ETHERNET, dns(), 60)).isTrue();
        assertThat(matches("udp port 54", ETHERNET, dns(), 60)).isFalse();
        assertThat(matches("vlan", ETHERNET, dns(), 60)).isFalse();
        assertThat(matches("", ETHERNET, dns(), 60)).isTrue();
    }

    @Test
    void shouldCompareTheLengthOnTheWire() {
        assertThat(matches("greater 1000", ETHERNET, dns(), 1500)).isTrue();
        assertThat(matches("greater 1000", ETHERNET, dns(), 60)).isFalse();
    }

    @Test
    void shouldNotReadBeyondWhatWasCaptured() {
        byte[] cut = new byte[20];
        System.arraycopy(dns(), 0, cut, 0, cut.length);
        assertThat(matches("udp port 53", ETHERNET, cut, 60)).isFalse();
        assertThat(matches("ip", ETHERNET, cut, 60)).isTrue();
        assertThat(matches("ip", ETHERNET, new byte[0], 60)).isFalse();
    }

    @Test
    void shouldTakeLinkTypesAsFilesHoldThem() {
        byte[] withoutEthernet = new byte[46];
        System.arraycopy(dns(), 14, withoutEthernet, 0, withoutEthernet.length);
        assertThat(matches("udp port 53", RAW_IP, withoutEthernet, 46)).isTrue();
        assertThatThrownBy(() -> BpfProgram.compile("ether host 1:2:3:4:5:6", RAW_IP, 0))
                .isInstanceOf(HindsightException.class);
    }

    @Test
    void shouldRefusePacketsOutsideTheirMemory() {
        BpfProgram program = BpfProgram.compile("ip", ETHERNET, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(100);
            for (long[] range : new long[][] {{90, 20}, {-1, 10}, {0, -1}, {101, 0}, {Long.MAX_VALUE, 10}}) {
                assertThatThrownBy(() -> program.matches(memory, range[0], (int) range[1], 10))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "foo bar(",
                "ip and",
                "host",
                "port 99999999",
                "ip proto nosuch",
                "((((",
                "\0",
                "ip and ip6",
                "ether[999999999999] = 1"
            })
    void shouldRefuseWithLibpcapsWords(String expression) {
        assertThatThrownBy(() -> BpfProgram.compile(expression, ETHERNET, 0))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FILTER);
                            assertThat(e.field()).isEqualTo("bpf");
                        });
    }

    @Test
    void shouldBoundTheExpression() {
        String longest = "ip6 or ".repeat(BpfProgram.MAX_EXPRESSION_LENGTH / 7) + "ip";
        assertThat(BpfProgram.compile(longest, ETHERNET, 0).instructionCount()).isPositive();
        assertThatThrownBy(() -> BpfProgram.compile(longest + " ".repeat(10), ETHERNET, 0))
                .hasMessageContaining("limit is " + BpfProgram.MAX_EXPRESSION_LENGTH);
    }

    /** The deepest and widest programs that fit, on the smallest stack that a thread of ours has. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "portrange 1-2 or ",
                "port 1 or ",
                "not ",
                "(",
                "vlan or ",
                "ip6 protochain 6 or ",
                "ip[ip[0]]=1 or "
            })
    void shouldSurviveTheWorstExpressions(String term) throws InterruptedException {
        String expression = term.repeat((BpfProgram.MAX_EXPRESSION_LENGTH - 2) / term.length()) + "ip";
        Thread thread = new Thread(null, () -> compileOrRefuse(expression), "small-stack", 512 << 10);
        thread.start();
        thread.join(60_000);
        assertThat(thread.isAlive()).isFalse();
    }

    @Property(tries = 300)
    void shouldNeverCrashOnWords(@ForAll @From("hostile") String expression) {
        compileOrRefuse(expression);
    }

    @Provide
    Arbitrary<String> hostile() {
        // Words that ask the resolver for a name are left out.
        Arbitrary<String> words =
                Arbitraries.of(
                        "and",
                        "or",
                        "not",
                        "(",
                        ")",
                        "ip",
                        "ip6",
                        "tcp",
                        "udp",
                        "port 80",
                        "[",
                        "]",
                        "0",
                        "255",
                        "=",
                        "+",
                        "&",
                        "|",
                        "<<",
                        "vlan",
                        "mpls",
                        "pppoes",
                        "geneve",
                        "ether",
                        "proto",
                        "len",
                        "/",
                        "-",
                        "*",
                        "4294967296",
                        "::1",
                        "net",
                        "1.2.3.4/33",
                        "'",
                        "\\",
                        "%",
                        "^",
                        "!",
                        "portrange 5-1",
                        "gateway",
                        "broadcast",
                        "inbound",
                        "é");
        return words.list().ofMaxSize(40).map(list -> String.join(" ", list));
    }

    private static void compileOrRefuse(String expression) {
        try {
            BpfProgram program = BpfProgram.compile(expression, ETHERNET, 0);
            assertThat(program.instructionCount()).isPositive();
        } catch (HindsightException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_FILTER);
        }
    }

    @Test
    void shouldShowInstructionsAsTheKernelTakesThem() {
        BpfProgram all = BpfProgram.compile("", ETHERNET, 96);
        assertThat(all.instructionCount()).isEqualTo(1);
        MemorySegment accept = all.instructions();
        assertThat(accept.isReadOnly()).isTrue();
        // BPF_RET | BPF_K with the snap length.
        assertThat(accept.get(ValueLayout.JAVA_SHORT, BpfInstructionDescriptor.CODE_OFFSET)).isEqualTo((short) 6);
        assertThat(accept.get(ValueLayout.JAVA_INT, BpfInstructionDescriptor.OPERAND_OFFSET)).isEqualTo(96);
    }

    @Test
    void shouldLookForVlanTagsInMetadataWhereCompiledLive() {
        Root.require("raw sockets");
        BpfProgram live = BpfProgram.compileLive("vlan 5", "lo", 0);
        assertThat(live.linkType()).isEqualTo(ETHERNET);
        assertThat(live.instructionCount()).isGreaterThan(BpfProgram.compile("vlan 5", ETHERNET, 0).instructionCount());
        assertThatThrownBy(() -> BpfProgram.compileLive("ip", "no-such-device", 0))
                .hasMessageContaining("no-such-device");
    }

    @Test
    void shouldBeUsedByManyThreadsAtOnce() {
        List<Boolean> results =
                IntStream.range(0, 200)
                        .parallel()
                        .mapToObj(i -> matches("udp port " + (i % 2 == 0 ? 53 : 54), ETHERNET, dns(), 60))
                        .toList();
        assertThat(IntStream.range(0, 200).filter(results::get)).allMatch(i -> i % 2 == 0).hasSize(100);
    }
}

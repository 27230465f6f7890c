package io.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.capture.CaptureFilter.TcpEndpoint;
import io.hindsight.bpf.BpfProgram;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The program of addresses decides as libpcap's does for the same words, and is shorter. */
class AddressGateTest {
    private static final int ETHERNET = HardwareTypes.LINK_TYPE_ETHERNET;
    private static final int RAW = HardwareTypes.LINK_TYPE_RAW;
    private static final int KERNEL_LIMIT = 4_096;

    private final Random random = new Random(7);

    @Test
    void shouldDecideAsLibpcapDoes() {
        for (int round = 0; round < 60; round++) {
            List<IpAddress> pool = pool();
            CaptureFilter filter = filter(pool);
            compare(filter, pool, ETHERNET, 60);
            compare(filter, pool, RAW, 40);
        }
    }

    private void compare(CaptureFilter filter, List<IpAddress> pool, int linkType, int packets) {
        BpfProgram gate = gate(filter, linkType);
        BpfProgram libpcap = BpfProgram.compile(filter.text(2_000), linkType, 0);
        for (int i = 0; i < packets; i++) {
            byte[] packet = linkType == RAW ? ip(pool) : ethernet(pool);
            assertThat(matches(gate, packet))
                    .as("%s of %s", HexFormat.of().formatHex(packet), filter.text(2_000))
                    .isEqualTo(matches(libpcap, packet));
        }
    }

    /** Few distinct addresses, so that packets often have one; near each other, and at both ends of the range. */
    private List<IpAddress> pool() {
        return IntStream.range(0, 14)
                .mapToObj(i ->
                        switch (random.nextInt(4)) {
                            case 0 -> v4("10.0.0." + random.nextInt(8));
                            case 1 -> v4(random.nextInt(256) + ".0.0.1");
                            case 2 -> v4("2001:db8::" + Integer.toHexString(random.nextInt(8)));
                            default ->
                                    new IpAddress(
                                            random.nextInt(3) << 30, 0xFFFFFFFF_00000000L | random.nextInt(2), false);
                        })
                .toList();
    }

    private CaptureFilter filter(List<IpAddress> pool) {
        Set<IpAddress> only = random.nextBoolean() ? null : some(pool, 1);
        Set<TcpEndpoint> own =
                some(pool, 0).stream()
                        .limit(3)
                        .map(address -> new TcpEndpoint(address, 80 + random.nextInt(2)))
                        .collect(Collectors.toSet());
        return new CaptureFilter("", "", only, some(pool, 0), own);
    }

    private Set<IpAddress> some(List<IpAddress> pool, int atLeast) {
        Set<IpAddress> some = new HashSet<>(pool.subList(0, atLeast));
        pool.stream().filter(address -> random.nextInt(4) == 0).forEach(some::add);
        return some;
    }

    private byte[] ethernet(List<IpAddress> pool) {
        byte[] body = random.nextInt(5) == 0 ? arp(pool) : ip(pool);
        int type = body.length == 28 ? 0x0806 : (body[0] & 0xF0) == 0x40 ? 0x0800 : 0x86DD;
        if (random.nextInt(10) == 0) {
            type = 0x88B5;
        }
        return ByteBuffer.allocate(14 + body.length).position(12).putShort((short) type).put(body).array();
    }

    private byte[] arp(List<IpAddress> pool) {
        return ByteBuffer.allocate(28)
                .putShort((short) 1)
                .putShort((short) 0x0800)
                .put((byte) 6)
                .put((byte) 4)
                .putShort((short) 1)
                .position(14)
                .putInt(word(pool))
                .position(24)
                .putInt(word(pool))
                .array();
    }

    private int word(List<IpAddress> pool) {
        List<IpAddress> v4 = pool.stream().filter(IpAddress::isV4).toList();
        return v4.isEmpty() ? 1 : (int) v4.get(random.nextInt(v4.size())).low();
    }

    private byte[] ip(List<IpAddress> pool) {
        IpAddress one = pool.get(random.nextInt(pool.size()));
        List<IpAddress> alike = pool.stream().filter(other -> other.isV4() == one.isV4()).toList();
        IpAddress other = random.nextInt(3) == 0 ? stranger(one) : alike.get(random.nextInt(alike.size()));
        boolean swap = random.nextBoolean();
        return one.isV4() ? v4(swap ? other : one, swap ? one : other) : v6(swap ? other : one, swap ? one : other);
    }

    private IpAddress stranger(IpAddress one) {
        return new IpAddress(one.isV4() ? 0 : one.high(), one.low() ^ (1L << random.nextInt(32)), one.isV4());
    }

    private byte[] v4(IpAddress source, IpAddress destination) {
        int words = 5 + random.nextInt(3);
        return ByteBuffer.allocate(words * 4 + 8)
                .put((byte) (0x40 | words))
                .position(6)
                .putShort((short) (random.nextInt(6) == 0 ? 100 : 0))
                .position(9)
                .put((byte) (random.nextInt(4) == 0 ? 17 : 6))
                .position(12)
                .putInt((int) source.low())
                .putInt((int) destination.low())
                .position(words * 4)
                .putShort(port())
                .putShort(port())
                .array();
    }

    private byte[] v6(IpAddress source, IpAddress destination) {
        return ByteBuffer.allocate(48)
                .put((byte) 0x60)
                .position(6)
                .put((byte) (random.nextInt(4) == 0 ? 17 : 6))
                .position(8)
                .putLong(source.high())
                .putLong(source.low())
                .putLong(destination.high())
                .putLong(destination.low())
                .putShort(port())
                .putShort(port())
                .array();
    }

    private short port() {
        return (short) (80 + random.nextInt(3));
    }

    private static IpAddress v4(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    private static BpfProgram gate(CaptureFilter filter, int linkType) {
        return BpfProgram.ofInstructions("addresses", linkType, AddressGate.ofLinkType(filter, linkType));
    }

    private static boolean matches(BpfProgram program, byte[] packet) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(packet.length).copyFrom(MemorySegment.ofArray(packet));
            return program.matches(copy, 0, packet.length, packet.length);
        }
    }

    @Test
    void shouldLookBehindVlanTags() {
        CaptureFilter filter = new CaptureFilter("", "", Set.of(v4("10.0.0.1")), Set.of(), Set.of());
        BpfProgram gate = gate(filter, ETHERNET);
        for (int tags = 0; tags <= 2; tags++) {
            assertThat(matches(gate, tagged(tags, "10.0.0.1"))).isTrue();
            assertThat(matches(gate, tagged(tags, "10.0.0.2"))).isFalse();
        }
    }

    private byte[] tagged(int tags, String source) {
        byte[] ip = v4(v4(source), v4("10.9.9.9"));
        ByteBuffer packet = ByteBuffer.allocate(14 + 4 * tags + ip.length).position(12);
        for (int tag = 0; tag < tags; tag++) {
            packet.putShort((short) (tag == 0 ? 0x88A8 : 0x8100)).putShort((short) 7);
        }
        return packet.putShort((short) 0x0800).put(ip).array();
    }

    @Test
    void shouldAcceptNothingWhereNoAddressIsMeant() {
        BpfProgram gate = gate(new CaptureFilter("", "", Set.of(), Set.of(), Set.of()), ETHERNET);
        for (int i = 0; i < 200; i++) {
            assertThat(matches(gate, ethernet(pool()))).isFalse();
        }
    }

    /** As a kubelet may run with its limit raised: 256 pods, each with an address of both families out of the node's own ranges. */
    @Test
    void shouldFitHundredsOfPodsIntoTheKernel() {
        assertThat(length(pods(256, 1))).isLessThan(KERNEL_LIMIT / 2);
        assertThat(length(pods(300, 1))).isLessThan(KERNEL_LIMIT / 2);
        assertThat(length(pods(600, 1))).isLessThan(KERNEL_LIMIT);
        assertThat(length(pods(160, 0x1_0000_0001L))).as("each with a prefix of its own").isLessThan(KERNEL_LIMIT);
    }

    private static int length(Set<IpAddress> addresses) {
        long[] end = {ClassicBpf.instruction(ClassicBpf.RETURN, 0, 0, 1)};
        return AddressGate.inFrontOf(new CaptureFilter("", "", addresses, Set.of(), Set.of()), end).length;
    }

    private static Set<IpAddress> pods(int count, long step) {
        List<IpAddress> addresses = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            addresses.add(new IpAddress(0, 0x0AF4_0000L + i, true));
            addresses.add(new IpAddress(0xFD00_0010_0244_0000L + (step == 1 ? 0 : i), i * step, false));
        }
        return Set.copyOf(addresses);
    }

    @Test
    void shouldReadAddressesAndNoNames() {
        assertThat(Stream.of("::ffff:10.0.0.1", "10.0.0.1").map(IpAddress::parse))
                .containsOnly(IpAddress.parse("10.0.0.1"));
        assertThat(IpAddress.parse("fd00::1").orElseThrow()).hasToString("fd00::1");
        assertThat(Stream.of("", "localhost", "10.0.0", "1.2.3.4.5", "::g", "x".repeat(10_000)).map(IpAddress::parse))
                .allMatch(Optional::isEmpty);
    }
}

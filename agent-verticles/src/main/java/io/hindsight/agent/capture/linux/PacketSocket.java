package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@code AF_PACKET} socket with its {@code TPACKET_V3} ring. It is made with protocol 0, so that it receives nothing before {@link
 * #bind}: a filter attached in between has seen every packet.
 *
 * <p>Promiscuous mode is not asked for: it would change the state of a production node's interface for everybody, needs a privilege
 * more, and a node's own traffic — what containers, host and peers send each other through it — passes without.
 *
 * <p>{@link #bind}, {@link #attach} and {@link #pendingError} are safe from any thread while the socket is open; {@link #takeDrops} is
 * the capture thread's.
 */
final class PacketSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PacketSocket.class);

    /** Packets are at most 256 KiB, so a block always holds several. */
    static final int BLOCK_SIZE = 1 << 20;

    /**
     * A block with packets is handed over after this time though it is not full. Twice that bounds how long a packet stays unseen: the
     * kernel looks at the clock once in this time, and spares a block that became current since it last looked.
     */
    static final int RETIRE_TIMEOUT_MS = 50;

    private static final int FRAME_SIZE = 2_048;
    private static final int MIN_BLOCK_COUNT = 2;

    private final int fd;
    private final MemorySegment ring;
    private volatile boolean lost;
    private final MemorySegment statistics = Arena.ofAuto().allocate(RingStatisticsDescriptor.LENGTH, Integer.BYTES);
    private final MemorySegment statisticsLength = Arena.ofAuto().allocate(JAVA_INT);

    private PacketSocket(int fd, MemorySegment ring) {
        this.fd = fd;
        this.ring = ring;
    }

    /** A socket with a ring of about so many bytes, less where the kernel has not the memory. Receives nothing yet. */
    static PacketSocket open(long ringBytes) {
        int fd =
                SystemCalls.require(
                        LibC.socket(
                                SocketConstants.AF_PACKET, SocketConstants.SOCK_RAW | SocketConstants.SOCK_CLOEXEC, 0),
                        "socket(AF_PACKET)");
        try {
            setInt(
                    fd,
                    SocketConstants.SOL_PACKET,
                    SocketConstants.PACKET_VERSION,
                    SocketConstants.TPACKET_V3,
                    "PACKET_VERSION");
            // The kernel then stamps on arrival, so that every packet socket of the machine shows the same time for a
            // packet. Without,
            // each socket takes its own, microseconds later.
            setInt(fd, SocketConstants.SOL_SOCKET, SocketConstants.SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS");
            return new PacketSocket(fd, map(fd, requestRing(fd, ringBytes) * (long) BLOCK_SIZE));
        } catch (RuntimeException e) {
            LibC.close(fd);
            throw e;
        }
    }

    private static int requestRing(int fd, long ringBytes) {
        int blockCount = (int) Math.max(MIN_BLOCK_COUNT, ringBytes / BLOCK_SIZE);
        int result = requestBlocks(fd, blockCount);
        while (result == -SocketConstants.ENOMEM && blockCount > MIN_BLOCK_COUNT) {
            LOG.warn("The kernel has no memory for a capture ring of blocks={} of 1 MiB; trying half.", blockCount);
            blockCount = Math.max(MIN_BLOCK_COUNT, blockCount / 2);
            result = requestBlocks(fd, blockCount);
        }
        SystemCalls.require(result, "setsockopt(PACKET_RX_RING, blocks=" + blockCount + ")");
        return blockCount;
    }

    private static int requestBlocks(int fd, int blockCount) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(RingRequestDescriptor.LENGTH, Integer.BYTES);
            request.set(JAVA_INT, RingRequestDescriptor.BLOCK_SIZE_OFFSET, BLOCK_SIZE);
            request.set(JAVA_INT, RingRequestDescriptor.BLOCK_COUNT_OFFSET, blockCount);
            request.set(JAVA_INT, RingRequestDescriptor.FRAME_SIZE_OFFSET, FRAME_SIZE);
            request.set(JAVA_INT, RingRequestDescriptor.FRAME_COUNT_OFFSET, blockCount * (BLOCK_SIZE / FRAME_SIZE));
            request.set(JAVA_INT, RingRequestDescriptor.RETIRE_TIMEOUT_OFFSET, RETIRE_TIMEOUT_MS);
            return LibC.setsockopt(fd, SocketConstants.SOL_PACKET, SocketConstants.PACKET_RX_RING, request);
        }
    }

    @SuppressWarnings("restricted") // the kernel says how long the mapping is
    private static MemorySegment map(int fd, long lengthBytes) {
        long address =
                SystemCalls.require(LibC.mmap(fd, lengthBytes), "mmap(capture ring, length=" + lengthBytes + ")");
        return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
    }

    /** The mapped ring: {@link #BLOCK_SIZE} bytes each block. Gone after {@link #close()}. */
    MemorySegment ring() {
        return ring;
    }

    int fd() {
        return fd;
    }

    /** Receives from now on: from one interface, or from all where the index is 0. Again for an interface that was made anew. */
    void bind(int interfaceIndex) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(LinkLayerAddressDescriptor.LENGTH, Integer.BYTES);
            address.set(JAVA_SHORT, LinkLayerAddressDescriptor.FAMILY_OFFSET, (short) SocketConstants.AF_PACKET);
            address.set(JAVA_SHORT, LinkLayerAddressDescriptor.PROTOCOL_OFFSET, SocketConstants.EVERY_PROTOCOL);
            address.set(JAVA_INT, LinkLayerAddressDescriptor.INTERFACE_INDEX_OFFSET, interfaceIndex);
            SystemCalls.require(LibC.bind(fd, address), "bind(AF_PACKET, ifindex=" + interfaceIndex + ")");
        }
    }

    /**
     * Replaces the filter, between two packets.
     *
     * @return whether the kernel had the memory: it counts the programs before and after together, against {@code net.core.optmem_max}
     */
    boolean attach(CaptureFilterProgram program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(FilterProgramDescriptor.LENGTH, Long.BYTES);
            argument.set(JAVA_SHORT, FilterProgramDescriptor.COUNT_OFFSET, (short) program.instructionCount());
            argument.set(JAVA_LONG, FilterProgramDescriptor.INSTRUCTIONS_OFFSET, program.copyTo(arena).address());
            int result = LibC.setsockopt(fd, SocketConstants.SOL_SOCKET, SocketConstants.SO_ATTACH_FILTER, argument);
            if (result == -SocketConstants.ENOMEM) {
                return false;
            }
            SystemCalls.require(
                    result, "setsockopt(SO_ATTACH_FILTER, instructions=" + program.instructionCount() + ")");
            return true;
        }
    }

    /** Founds a fan-out group and returns its number. The socket is bound. */
    int createFanout() {
        setInt(
                fd,
                SocketConstants.SOL_PACKET,
                SocketConstants.PACKET_FANOUT,
                (SocketConstants.FANOUT_HASH_ROLLOVER | SocketConstants.FANOUT_UNIQUE_ID) << Short.SIZE,
                "PACKET_FANOUT");
        return getInt(SocketConstants.SOL_PACKET, SocketConstants.PACKET_FANOUT, "PACKET_FANOUT") & 0xFFFF;
    }

    /** Joins a fan-out group: each packet goes to one of its members. Fragments are never put together first. */
    void joinFanout(int group) {
        setInt(
                fd,
                SocketConstants.SOL_PACKET,
                SocketConstants.PACKET_FANOUT,
                (SocketConstants.FANOUT_HASH_ROLLOVER << Short.SIZE) | group,
                "PACKET_FANOUT");
    }

    /** Packets that the kernel dropped for want of room since the last call. */
    long takeDrops() {
        statisticsLength.set(JAVA_INT, 0, RingStatisticsDescriptor.LENGTH);
        SystemCalls.require(
                LibC.getsockopt(
                        fd,
                        SocketConstants.SOL_PACKET,
                        SocketConstants.PACKET_STATISTICS,
                        statistics,
                        statisticsLength),
                "getsockopt(PACKET_STATISTICS)");
        return Integer.toUnsignedLong(statistics.get(JAVA_INT, RingStatisticsDescriptor.DROPS_OFFSET));
    }

    /** The socket's pending errno, which this clears; 0: none. */
    int pendingError() {
        return getInt(SocketConstants.SOL_SOCKET, SocketConstants.SO_ERROR, "SO_ERROR");
    }

    private int getInt(int level, int option, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
            SystemCalls.require(LibC.getsockopt(fd, level, option, value, length), "getsockopt(" + name + ")");
            return value.get(JAVA_INT, 0);
        }
    }

    private static void setInt(int fd, int level, int option, int value, String name) {
        try (Arena arena = Arena.ofConfined()) {
            SystemCalls.require(
                    LibC.setsockopt(fd, level, option, arena.allocateFrom(JAVA_INT, value)),
                    "setsockopt(" + name + ")");
        }
    }

    /** Somebody else has closed the descriptor: its number may belong to another file by now, and is left alone. */
    void lost() {
        lost = true;
    }

    /** No thread may touch the ring any more. */
    @Override
    public void close() {
        int unmapped = LibC.munmap(ring.address(), ring.byteSize());
        int closed = lost ? 0 : LibC.close(fd);
        if (unmapped < 0 || closed < 0) {
            LOG.warn("Closing a capture socket failed: munmap={} close={} (-errno).", unmapped, closed);
        }
    }
}

package io.hindsight.agent.capture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.pcap4j.core.BpfProgram;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

/** What it costs to ask libpcap about one stored packet, through FFM and through pcap4j: docs/adr tells what was chosen. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@SuppressWarnings({"NullAway", "MustBeClosedChecker"}) // JMH sets the fields; the arena lives as long as the fork
public class BpfFilterBenchmark {
    private static final int PACKET_LENGTH = 100;

    @Param({"ip", "tcp port 443", "host 10.0.0.9 and (tcp port 80 or udp port 53) and not net 192.168.0.0/16"})
    private String expression;

    private final byte[] packet = new byte[PACKET_LENGTH];
    private MemorySegment memory = MemorySegment.NULL;
    private io.hindsight.bpf.BpfProgram ours;
    private BpfProgram theirs;

    @Setup
    public void compile() throws PcapNativeException, NotOpenException {
        packet[12] = 8;
        packet[14] = 0x45;
        packet[23] = 6;
        packet[29] = 9;
        packet[36] = 1;
        packet[37] = (byte) 0xBB;
        // A shared arena, as an export's mapped files have it.
        memory = Arena.ofShared().allocate(PACKET_LENGTH);
        MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 0, PACKET_LENGTH);
        ours = io.hindsight.bpf.BpfProgram.compile(expression, 1, 0);
        PcapHandle handle = Pcaps.openDead(DataLinkType.EN10MB, 65_535);
        theirs =
                handle.compileFilter(
                        expression, BpfProgram.BpfCompileMode.OPTIMIZE, (Inet4Address) PcapHandle.PCAP_NETMASK_UNKNOWN);
    }

    @Benchmark
    public boolean ffm() {
        return ours.matches(memory, 0, PACKET_LENGTH, PACKET_LENGTH);
    }

    @Benchmark
    public boolean pcap4j() {
        return theirs.applyFilter(packet);
    }

    /** pcap4j wants an array: a packet in mapped memory has to be copied first. */
    @Benchmark
    public boolean pcap4jWithCopy() {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, packet, 0, PACKET_LENGTH);
        return theirs.applyFilter(packet, PACKET_LENGTH, PACKET_LENGTH);
    }
}

package io.hindsight.launcher.doctor;

import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.bpf.BpfProgram;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** What the machine offers: JDK, kernel, capture, libraries, tools. */
final class MachineChecks {
    private static final int JDK = 25;
    private static final Path PROCESS_STATUS = Path.of("/proc/self/status");
    private static final Path PROCESS_LIMITS = Path.of("/proc/self/limits");

    /** Linux' number of the capability CAP_NET_RAW. */
    private static final int CAP_NET_RAW = 13;

    private MachineChecks() {}

    static Finding jdk() {
        String detail = Runtime.version() + " at " + System.getProperty("java.home");
        return Runtime.version().feature() >= JDK
                ? Finding.ok("jdk", detail)
                : Finding.broken(
                        "jdk",
                        detail,
                        "Hindsight needs JDK " + JDK + ": sudo apt-get install -y openjdk-25-jdk-headless");
    }

    static Finding kernel() {
        String detail =
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + " "
                        + System.getProperty("os.arch");
        return System.getProperty("os.name", "").equals("Linux")
                ? Finding.ok("kernel", detail)
                : Finding.weak(
                        "kernel",
                        detail,
                        "AF_PACKET is Linux' own: elsewhere packets are recorded through libpcap, which takes more processor time.");
    }

    static Finding epoll() {
        if (Epoll.isAvailable()) {
            return Finding.ok("epoll", "native transport");
        }
        Throwable cause = Epoll.unavailabilityCause();
        return Finding.weak(
                "epoll",
                "not loaded: " + (cause == null ? "no reason given" : cause.getMessage()),
                "The JDK's NIO is used instead; nothing has to be done.");
    }

    static Finding libpcap() {
        return BpfProgram.isAvailable()
                ? Finding.ok("libpcap", BpfProgram.libraryVersion())
                : Finding.weak(
                        "libpcap", "not found: no capture filters, no --bpf", "sudo apt-get install -y libpcap0.8");
    }

    static Finding privilege() {
        Optional<String> mask = field(PROCESS_STATUS, "CapEff:");
        if (mask.isEmpty()) {
            return Finding.weak(
                    "privilege", "this system does not tell capabilities", "Run as root if recording is refused.");
        }
        boolean held = (Long.parseUnsignedLong(mask.get(), 16) >> CAP_NET_RAW & 1) == 1;
        return held
                ? Finding.ok("privilege", "CAP_NET_RAW")
                : Finding.broken(
                        "privilege",
                        "no CAP_NET_RAW: packets cannot be recorded, only replayed (--replay FILE)",
                        "sudo " + System.getProperty("hindsight.program", "./hindsight") + " up");
    }

    static Finding capture() {
        String reason = AfPacketSource.whyUnusable();
        return reason.isEmpty()
                ? Finding.ok("capture", "AF_PACKET with TPACKET_V3 rings")
                : Finding.weak(
                        "capture",
                        reason,
                        "Packets are recorded through libpcap instead, which takes more processor time.");
    }

    static Finding lockedMemory() {
        String limit = field(PROCESS_LIMITS, "Max locked memory").orElse("unknown").split("\\s+", 2)[0];
        return limit.equals("unlimited")
                ? Finding.ok("memlock", limit)
                : Finding.ok("memlock", limit + " bytes; enough, because nothing is locked");
    }

    static Finding tshark() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        Optional<Path> found =
                Arrays.stream(path.split(":", -1))
                        .filter(folder -> !folder.isEmpty())
                        .map(folder -> Path.of(folder, "tshark"))
                        .filter(Files::isExecutable)
                        .findFirst();
        return found.map(program -> Finding.ok("tshark", program.toString()))
                .orElseGet(() ->
                        Finding.weak(
                                "tshark",
                                "not found",
                                "Exports open in Wireshark anywhere; to read them here: sudo apt-get install -y tshark"));
    }

    /** What stands after a label in one of the kernel's text files. */
    private static Optional<String> field(Path file, String label) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(label))
                    .map(line -> line.substring(label.length()).strip())
                    .findFirst();
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }
}

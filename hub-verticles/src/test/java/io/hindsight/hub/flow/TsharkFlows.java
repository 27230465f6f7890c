package io.hindsight.hub.flow;

import io.hindsight.testing.Tools;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What tshark says of the conversations in a capture file; by direction: {@code sender:port > receiver:port}. */
final class TsharkFlows {
    private static final Pattern CONVERSATION =
            Pattern.compile("^(\\S+)\\s+<->\\s+(\\S+)\\s+(\\d+) [\\d.]+ \\S+\\s+(\\d+) [\\d.]+ \\S+\\s+(\\d+) ");

    private static final List<String> FIELDS =
            List.of(
                    "ip.src",
                    "ip.dst",
                    "ipv6.src",
                    "ipv6.dst",
                    "tcp.srcport",
                    "tcp.dstport",
                    "udp.srcport",
                    "udp.dstport",
                    "frame.len",
                    "tcp.flags.reset",
                    "tcp.seq",
                    "tcp.len",
                    "tcp.analysis.retransmission",
                    "tcp.stream",
                    "tcp.analysis.initial_rtt");

    private final Path file;
    private final List<Map<String, String>> packets;

    /** Of everything that is no ICMP, which quotes what others sent. */
    TsharkFlows(Path file) {
        this.file = file;
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "tshark",
                                "-n",
                                "-r",
                                file.toString(),
                                "-Y",
                                "(tcp || udp) && !icmp && !icmpv6",
                                "-T",
                                "fields",
                                "-E",
                                "separator=|",
                                "-E",
                                "occurrence=f"));
        FIELDS.forEach(field -> command.addAll(List.of("-e", field)));
        this.packets =
                Tools.run(command.toArray(String[]::new)).succeeded().lines().stream()
                        .map(TsharkFlows::packet)
                        .toList();
    }

    private static Map<String, String> packet(String line) {
        String[] values = line.split("\\|", -1);
        Map<String, String> packet = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            if (!values[i].isEmpty()) {
                packet.put(FIELDS.get(i), values[i]);
            }
        }
        return packet;
    }

    private static String direction(Map<String, String> packet) {
        String network = packet.containsKey("ip.src") ? "ip" : "ipv6";
        String transport = packet.containsKey("tcp.srcport") ? "tcp" : "udp";
        return packet.get(network + ".src")
                + ":"
                + packet.get(transport + ".srcport")
                + " > "
                + packet.get(network + ".dst")
                + ":"
                + packet.get(transport + ".dstport");
    }

    /** Frames, by {@code -z conv}. */
    Map<String, Long> frames(String protocol) {
        Map<String, Long> frames = new TreeMap<>();
        for (String line :
                Tools.run("tshark", "-n", "-q", "-z", "conv," + protocol, "-r", file.toString()).succeeded().lines()) {
            Matcher conversation = CONVERSATION.matcher(line);
            if (conversation.find()) {
                String a = conversation.group(1);
                String b = conversation.group(2);
                frames.merge(b + " > " + a, Long.parseLong(conversation.group(3)), Long::sum);
                frames.merge(a + " > " + b, Long.parseLong(conversation.group(4)), Long::sum);
            }
        }
        frames.values().removeIf(count -> count == 0);
        return frames;
    }

    /** Bytes of frames. */
    Map<String, Long> bytes(String protocol) {
        Map<String, Long> bytes = new TreeMap<>();
        packets.stream()
                .filter(packet -> packet.containsKey(protocol + ".srcport"))
                .forEach(packet -> bytes.merge(direction(packet), Long.parseLong(packet.get("frame.len")), Long::sum));
        return bytes;
    }

    Map<String, Long> resets() {
        return count(packet -> "1".equals(packet.get("tcp.flags.reset")));
    }

    /** With payload, as tshark judges. */
    Map<String, Long> retransmissions() {
        return count(packet -> packet.containsKey("tcp.analysis.retransmission") && !"0".equals(packet.get("tcp.len")));
    }

    private Map<String, Long> count(Predicate<Map<String, String>> filter) {
        Map<String, Long> counts = new TreeMap<>();
        packets.stream().filter(filter).forEach(packet -> counts.merge(direction(packet), 1L, Long::sum));
        return counts;
    }

    /** Segments with payload the first byte of which an earlier one had. Of one connection. */
    Map<String, Long> sentBefore() {
        Map<String, BitSet> sent = new HashMap<>();
        return count(packet -> {
            int first = Integer.parseInt(packet.getOrDefault("tcp.seq", "0"));
            int length = Integer.parseInt(packet.getOrDefault("tcp.len", "0"));
            BitSet bytes = sent.computeIfAbsent(direction(packet), none -> new BitSet());
            boolean isSentBefore = length > 0 && bytes.get(first);
            bytes.set(first, first + length);
            return isSentBefore;
        });
    }

    /** Of every connection that was not refused, in ns. */
    List<Long> initialRoundTripTimes(String refusedPort) {
        Map<String, Long> times = new HashMap<>();
        for (Map<String, String> packet : packets) {
            String time = packet.get("tcp.analysis.initial_rtt");
            if (time != null && !packet.containsValue(refusedPort)) {
                times.put(packet.getOrDefault("tcp.stream", ""), Math.round(Double.parseDouble(time) * 1e9));
            }
        }
        return times.values().stream().sorted().toList();
    }
}

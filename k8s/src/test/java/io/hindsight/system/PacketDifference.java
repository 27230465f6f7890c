package io.hindsight.system;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What tells two captures of the same interface apart, in words. */
final class PacketDifference {
    private static final int SHOWN = 5;

    private final List<Packet> missing = new ArrayList<>();
    private final List<Packet> additional = new ArrayList<>();

    private PacketDifference() {}

    /** Which packets only one of the two has; equal ones are told apart by their number. */
    static PacketDifference between(List<Packet> witnessed, List<Packet> recorded) {
        PacketDifference difference = new PacketDifference();
        List<Packet> left = witnessed.stream().sorted(Packet.ORDER).toList();
        List<Packet> right = recorded.stream().sorted(Packet.ORDER).toList();
        int i = 0;
        int j = 0;
        while (i < left.size() && j < right.size()) {
            int order = Packet.ORDER.compare(left.get(i), right.get(j));
            if (order < 0) {
                difference.missing.add(left.get(i));
            } else if (order > 0) {
                difference.additional.add(right.get(j));
            }
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        difference.missing.addAll(left.subList(i, left.size()));
        difference.additional.addAll(right.subList(j, right.size()));
        return difference;
    }

    /** Empty where both have the same packets. */
    String text() {
        if (missing.isEmpty() && additional.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        text.append(missing.size()).append(" packets that tcpdump saw are missing:\n");
        missing.stream().limit(SHOWN).forEach(packet -> text.append(explained(packet)));
        text.append(additional.size()).append(" packets are there that tcpdump did not see:\n");
        additional.stream().limit(SHOWN).forEach(packet -> text.append("  ").append(packet).append('\n'));
        return text.toString();
    }

    /** With the nearest relative among the additional ones: most often a packet is not lost but changed. */
    private String explained(Packet packet) {
        StringBuilder text = new StringBuilder("  ").append(packet).append('\n');
        for (Packet other : additional) {
            if (other.timestampNs() == packet.timestampNs()) {
                int at = Arrays.mismatch(packet.bytes(), other.bytes());
                text.append("    same time, ")
                        .append(at < 0 ? "same bytes, length=" + other.originalLength() : "differs at byte " + at)
                        .append('\n');
            } else if (Arrays.equals(packet.bytes(), other.bytes())) {
                text.append("    same bytes, ns later=")
                        .append(other.timestampNs() - packet.timestampNs())
                        .append('\n');
            }
        }
        return text.toString();
    }
}

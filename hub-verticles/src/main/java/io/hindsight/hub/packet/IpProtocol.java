package io.hindsight.hub.packet;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** IP protocol numbers (IANA) and their names. */
public final class IpProtocol {
    public static final int ICMP = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int DCCP = 33;
    public static final int ICMPV6 = 58;
    public static final int SCTP = 132;
    public static final int UDP_LITE = 136;

    /** Greatest number. */
    public static final int HIGHEST = 255;

    private static final Map<Integer, String> NAMES =
            Map.ofEntries(
                    Map.entry(ICMP, "icmp"),
                    Map.entry(2, "igmp"),
                    Map.entry(4, "ipip"),
                    Map.entry(TCP, "tcp"),
                    Map.entry(UDP, "udp"),
                    Map.entry(DCCP, "dccp"),
                    Map.entry(41, "ipv6"),
                    Map.entry(47, "gre"),
                    Map.entry(50, "esp"),
                    Map.entry(51, "ah"),
                    Map.entry(ICMPV6, "icmpv6"),
                    Map.entry(89, "ospf"),
                    Map.entry(112, "vrrp"),
                    Map.entry(SCTP, "sctp"),
                    Map.entry(UDP_LITE, "udplite"));

    private IpProtocol() {}

    /** {@code tcp}; the number as text where it has no name here. */
    public static String name(int protocol) {
        return NAMES.getOrDefault(protocol, Integer.toString(protocol));
    }

    /** By its name, in any case, or its number; empty where it is neither. */
    public static Optional<Integer> of(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return NAMES.entrySet().stream()
                .filter(entry -> entry.getValue().equals(lower))
                .map(Map.Entry::getKey)
                .findFirst()
                .or(() -> number(text));
    }

    private static Optional<Integer> number(String text) {
        boolean isNumber = text.matches("[0-9]{1,3}") && Integer.parseInt(text) <= HIGHEST;
        return isNumber ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    /** Whether its header begins with two ports. */
    public static boolean hasPorts(int protocol) {
        return switch (protocol) {
            case TCP, UDP, DCCP, SCTP, UDP_LITE -> true;
            default -> false;
        };
    }
}

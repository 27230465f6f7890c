package io.hindsight.agent.capture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a packet source records: packets that all parts of this accept. Immutable.
 *
 * <p>Addresses are those of a packet's IP header, or of the ARP packet, as {@code host} of tcpdump's language takes them; behind up to two VLAN tags too. They are kept apart from the
 * expressions because libpcap's program of hundreds of addresses is longer than the kernel takes ({@link AddressGate}).
 *
 * @param setting the setting {@code capture-filter}; blank: everything
 * @param override a further expression; blank: everything
 * @param only from or to one of these addresses; null: any; empty: nothing is recorded
 * @param except neither from nor to one of these
 * @param own no TCP from or to one of these
 */
public record CaptureFilter(
        String setting, String override, @Nullable Set<IpAddress> only, Set<IpAddress> except, Set<TcpEndpoint> own) {
    /** Where a TCP connection of the program itself ends. */
    public record TcpEndpoint(IpAddress address, int port) {}

    public CaptureFilter {
        only = only == null ? null : Set.copyOf(only);
        except = Set.copyOf(except);
        own = Set.copyOf(own);
    }

    /** What the setting says alone. */
    public static CaptureFilter of(String setting) {
        return new CaptureFilter(setting, "", null, Set.of(), Set.of());
    }

    /** Those expressions that say something. */
    public List<String> expressions() {
        List<String> expressions = new ArrayList<>();
        for (String expression : List.of(setting, override)) {
            if (!expression.isBlank()) {
                expressions.add(expression);
            }
        }
        return expressions;
    }

    /** Whether addresses are looked at. */
    public boolean hasAddresses() {
        return only != null || !except.isEmpty() || !own.isEmpty();
    }

    /** Whether it is what the setting says, and no more. */
    public boolean isSettingAlone() {
        return override.isBlank() && !hasAddresses();
    }

    /** Whether there is nothing that it does not accept. */
    public boolean isEverything() {
        return expressions().isEmpty() && !hasAddresses();
    }

    /** In tcpdump's language; empty: everything. What is longer than {@code limit} ends in "…". */
    public String text(int limit) {
        List<String> parts = new ArrayList<>();
        expressions().forEach(expression -> parts.add("(" + expression.strip() + ")"));
        if (only != null) {
            // Nothing is shorter than 1 byte: libpcap's language has no word for "nothing".
            parts.add(only.isEmpty() ? "less 0" : "(" + hosts(only, limit) + ")");
        }
        if (!except.isEmpty()) {
            parts.add("not (" + hosts(except, limit) + ")");
        }
        for (TcpEndpoint endpoint : ordered(own)) {
            parts.add("not (" + end("src", endpoint) + " or " + end("dst", endpoint) + ")");
        }
        String text = String.join(" and ", parts);
        return text.length() <= limit ? text : text.substring(0, limit - 1) + "…";
    }

    private static String hosts(Set<IpAddress> addresses, int limit) {
        SortedSet<IpAddress> sorted = new TreeSet<>(addresses);
        return sorted.stream().limit(limit).map(address -> "host " + address).collect(Collectors.joining(" or "));
    }

    private static String end(String which, TcpEndpoint endpoint) {
        return "(tcp " + which + " port " + endpoint.port() + " and " + which + " host " + endpoint.address() + ")";
    }

    private static List<TcpEndpoint> ordered(Collection<TcpEndpoint> endpoints) {
        return endpoints.stream()
                .sorted((one, other) -> {
                    int byAddress = one.address().compareTo(other.address());
                    return byAddress != 0 ? byAddress : Integer.compare(one.port(), other.port());
                })
                .toList();
    }

    /** The same without addresses of pods. */
    public CaptureFilter withoutPods() {
        return new CaptureFilter(setting, override, null, Set.of(), own);
    }
}

package io.hindsight.pcapng;

import java.net.InetAddress;
import java.util.List;

/**
 * An address and what it is called, as a Name Resolution Block has it.
 *
 * @param address IPv4 or IPv6
 * @param names at least one; none empty or with a zero character
 */
public record ResolvedName(InetAddress address, List<String> names) {
    public ResolvedName {
        names = List.copyOf(names);
        if (names.isEmpty() || names.stream().anyMatch(name -> name.isEmpty() || name.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("Not names of " + address.getHostAddress() + ": " + names);
        }
    }
}

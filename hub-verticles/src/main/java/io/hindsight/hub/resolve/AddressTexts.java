package io.hindsight.hub.resolve;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Addresses from texts, each once in memory. Never asks a name server. One thread at a time. */
final class AddressTexts {
    /** IPv4 before IPv6, then by number. */
    static final Comparator<InetAddress> ORDER =
            Comparator.comparing((InetAddress address) -> !(address instanceof Inet4Address))
                    .thenComparing(InetAddress::getAddress, Arrays::compareUnsigned);

    private static final int LONGEST_TEXT = 64;
    private static final int MAX_REMEMBERED = 100_000;

    private final Map<String, InetAddress> remembered = new HashMap<>();

    /** The address; null where the text is none. A zone ({@code %eth0}) is left out: packets carry none. */
    @Nullable InetAddress parse(@Nullable String text) {
        if (text == null || text.length() > LONGEST_TEXT) {
            return null;
        }
        InetAddress known = remembered.get(text);
        return known != null ? known : read(text);
    }

    private @Nullable InetAddress read(String text) {
        int zone = text.indexOf('%');
        try {
            InetAddress address = InetAddress.ofLiteral(zone < 0 ? text : text.substring(0, zone));
            if (remembered.size() < MAX_REMEMBERED) {
                remembered.put(text, address);
            }
            return address;
        } catch (IllegalArgumentException notNumeric) {
            return null;
        }
    }
}

package io.hindsight.hub.resolve;

import java.net.InetAddress;

/**
 * An object said that it has an address. Mutable: it is open until it ends.
 */
final class AddressClaim {
    final InetAddress address;
    final ObjectHistory object;
    final long fromNs;
    final long heardNs;
    long toNs = Long.MAX_VALUE;

    /**
     * @param fromNs from when on it may have had the address
     * @param heardNs when it was first heard that it has; not before {@code fromNs}
     */
    AddressClaim(InetAddress address, ObjectHistory object, long fromNs, long heardNs) {
        this.address = address;
        this.object = object;
        this.fromNs = fromNs;
        this.heardNs = heardNs;
    }
}

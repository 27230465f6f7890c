package io.hindsight.hub.capture;

import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.CaptureOrder.OwnEndpoint;
import io.hindsight.bus.ListeningAt;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The addresses on which a Hub is reached. Stateless. */
final class OwnAddresses {
    private static final Logger LOG = LoggerFactory.getLogger(OwnAddresses.class);

    private OwnAddresses() {}

    /** All of this machine's where it listens on all of them. Blocks. */
    static List<OwnEndpoint> of(ListeningAt listening) throws IOException {
        List<InetAddress> bound = List.of(InetAddress.getAllByName(listening.host()));
        Stream<InetAddress> reached =
                bound.stream().anyMatch(InetAddress::isAnyLocalAddress) ? ofMachine() : bound.stream();
        List<OwnEndpoint> all =
                reached.sorted(Comparator.comparing(InetAddress::isLoopbackAddress).reversed())
                        .map(OwnAddresses::text)
                        .distinct()
                        .map(address -> new OwnEndpoint(address, listening.port()))
                        .toList();
        if (all.size() > CaptureOrder.MAX_OWN) {
            LOG.warn(
                    "This Hub has addresses={}, limit={}: traffic with it on the others is recorded by agents that do not dial them.",
                    all.size(),
                    CaptureOrder.MAX_OWN);
        }
        return all.subList(0, Math.min(all.size(), CaptureOrder.MAX_OWN));
    }

    private static Stream<InetAddress> ofMachine() throws IOException {
        return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses);
    }

    /** Without the zone of a link-local address, which is of this machine alone. */
    private static String text(InetAddress address) {
        return address.getHostAddress().split("%", 2)[0];
    }
}

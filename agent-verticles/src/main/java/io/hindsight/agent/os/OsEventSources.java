package io.hindsight.agent.os;

import io.hindsight.agent.events.EventSource;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.error.HindsightException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses from where operating-system events come. Thread-safe. */
public final class OsEventSources {
    private static final Logger LOG = LoggerFactory.getLogger(OsEventSources.class);
    private static final String EBPF = "ebpf";
    private static final String NETLINK = "netlink";

    private final Supplier<OsEventFeed> ebpf;
    private final Supplier<OsEventFeed> netlink;
    private final LongSupplier clock;

    /**
     * With these ways to open a feed; each throws a {@link HindsightException} that says why it cannot and what to do.
     *
     * @param clock the wall clock, ns since the epoch
     */
    public OsEventSources(Supplier<OsEventFeed> ebpf, Supplier<OsEventFeed> netlink, LongSupplier clock) {
        this.ebpf = ebpf;
        this.netlink = netlink;
        this.clock = clock;
    }

    /**
     * The source that the configuration asks for, with its feed open; the caller starts or closes it. May block: call it on a worker. Empty where it is off, and where AUTO finds neither: the
     * log says why.
     *
     * @throws HindsightException where what was asked for by name cannot be had
     */
    public Optional<EventSource> of(AgentConfig config, PodDirectory pods) {
        return switch (config.events().os()) {
            case OFF -> Optional.empty();
            case EBPF -> Optional.of(source(ebpf.get(), List.of(), pods));
            case NETLINK -> Optional.of(source(netlink.get(), List.of(), pods));
            case AUTO -> auto(pods);
        };
    }

    private Optional<EventSource> auto(PodDirectory pods) {
        try {
            return Optional.of(source(ebpf.get(), List.of(), pods));
        } catch (HindsightException refused) {
            LOG.info("eBPF is not taken for operating-system events, netlink is tried: {}", refused.getMessage());
            return fallback(new ProgramStatus(EBPF, false, refused.getMessage()), pods);
        }
    }

    private Optional<EventSource> fallback(ProgramStatus noEbpf, PodDirectory pods) {
        try {
            return Optional.of(source(netlink.get(), List.of(noEbpf), pods));
        } catch (HindsightException refused) {
            LOG.warn("Operating-system events are not recorded. By netlink: {}", refused.getMessage());
            return Optional.empty();
        }
    }

    private EventSource source(OsEventFeed feed, List<ProgramStatus> refused, PodDirectory pods) {
        return new OsEventSource(feed, refused, pods, clock);
    }

    /**
     * Which feed this setting would take on this machine, tried for real.
     *
     * @param wanted the setting
     */
    public OsEventsProbe probe(OsEvents wanted) {
        Optional<String> noEbpf = wanted == OsEvents.NETLINK ? Optional.empty() : whyNot(ebpf);
        Optional<String> noNetlink = wanted == OsEvents.EBPF ? Optional.empty() : whyNot(netlink);
        boolean takesEbpf = (wanted == OsEvents.AUTO || wanted == OsEvents.EBPF) && noEbpf.isEmpty();
        boolean takesNetlink =
                !takesEbpf && (wanted == OsEvents.AUTO || wanted == OsEvents.NETLINK) && noNetlink.isEmpty();
        return new OsEventsProbe(
                takesEbpf ? EBPF : takesNetlink ? NETLINK : null, noEbpf.orElse(null), noNetlink.orElse(null));
    }

    private static Optional<String> whyNot(Supplier<OsEventFeed> feed) {
        try (OsEventFeed _ = feed.get()) {
            return Optional.empty();
        } catch (HindsightException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }
}

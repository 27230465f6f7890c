package io.hindsight.agent.os;

import io.hindsight.agent.events.EventSource;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.error.ErrorCode;
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
     * Those of this machine.
     *
     * @param clock the wall clock, ns since the epoch
     */
    public static OsEventSources ofMachine(LongSupplier clock) {
        return new OsEventSources(EbpfFeed::open, () -> NetlinkFeed.open(clock), clock);
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
     * What opens the source that the configuration asks for, each time anew; empty where none is to be or can be had. Blocks as {@link #of} does.
     *
     * @throws HindsightException where what was asked for by name cannot be had
     */
    public Optional<Supplier<EventSource>> opener(AgentConfig config, PodDirectory pods) {
        OsEvents wanted = config.events().os();
        if (wanted == OsEvents.OFF || (wanted == OsEvents.AUTO && probe(wanted).taken() == null)) {
            return Optional.empty();
        }
        return Optional.of(() -> of(config, pods).orElseThrow(OsEventSources::vanished));
    }

    private static HindsightException vanished() {
        return new HindsightException(
                ErrorCode.IO_FAILED,
                "Neither eBPF nor netlink tells of operating-system events any more; the log says why.");
    }

    /** Which feed this setting would take on this machine, tried for real. Blocks as {@link #of} does. */
    public OsEventsProbe probe(OsEvents wanted) {
        String noEbpf = null;
        if (wanted == OsEvents.AUTO || wanted == OsEvents.EBPF) {
            try (OsEventFeed feed = ebpf.get()) {
                return new OsEventsProbe(feed.name(), feed.programs(), null, null);
            } catch (HindsightException refused) {
                noEbpf = refused.getMessage();
            }
        }
        if (wanted == OsEvents.AUTO || wanted == OsEvents.NETLINK) {
            try (OsEventFeed feed = netlink.get()) {
                return new OsEventsProbe(feed.name(), feed.programs(), noEbpf, null);
            } catch (HindsightException refused) {
                return new OsEventsProbe(null, List.of(), noEbpf, refused.getMessage());
            }
        }
        return new OsEventsProbe(null, List.of(), noEbpf, null);
    }
}

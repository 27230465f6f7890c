package io.hindsight.launcher.doctor;

import io.hindsight.agent.os.OsEventSources;
import io.hindsight.agent.os.OsEventsProbe;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.stream.Collectors;

/** From where operating-system events would come: eBPF, netlink, or nowhere. */
final class OsEventChecks {
    private static final String CHECK = "os-events";

    private OsEventChecks() {}

    static Finding check(OsEvents wanted) {
        if (wanted == OsEvents.OFF) {
            return Finding.ok(CHECK, "off, as configured");
        }
        return finding(wanted, OsEventSources.ofMachine(() -> EpochNanos.of(Instant.now())).probe(wanted));
    }

    static Finding finding(OsEvents wanted, OsEventsProbe probe) {
        if (probe.taken() == null) {
            return none(wanted, probe);
        }
        String missing = missing(probe);
        if (probe.noEbpf() != null) {
            return Finding.weak(
                    CHECK,
                    probe.taken() + ", not eBPF: " + probe.noEbpf(),
                    missing.isEmpty() ? "Packets are recorded all the same." : missing);
        }
        long attached = probe.programs().stream().filter(ProgramStatus::attached).count();
        String detail = probe.taken() + ", programs " + attached + " of " + probe.programs().size();
        return missing.isEmpty() || wanted == OsEvents.NETLINK
                ? Finding.ok(CHECK, detail)
                : Finding.weak(CHECK, detail, missing);
    }

    private static Finding none(OsEvents wanted, OsEventsProbe probe) {
        String detail = "none";
        if (probe.noEbpf() != null) {
            detail += "; eBPF: " + probe.noEbpf();
        }
        if (probe.noNetlink() != null) {
            detail += "; netlink: " + probe.noNetlink();
        }
        return wanted == OsEvents.AUTO
                ? Finding.weak(CHECK, detail, "Packets are recorded all the same, without the processes behind them.")
                : Finding.broken(CHECK, detail, "With --os-events auto the agent takes what there is.");
    }

    private static String missing(OsEventsProbe probe) {
        return probe.programs().stream()
                .filter(program -> !program.attached())
                .map(program -> program.name() + ": " + program.reason())
                .collect(Collectors.joining(" "));
    }
}

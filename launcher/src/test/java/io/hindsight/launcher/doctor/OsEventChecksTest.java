package io.hindsight.launcher.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.os.OsEventsProbe;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.config.EventsConfig.OsEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

class OsEventChecksTest {
    private static final ProgramStatus RUNS = new ProgramStatus("fork", true, null);
    private static final ProgramStatus REFUSED = new ProgramStatus("oom", false, "The kernel has no such tracepoint.");

    @Test
    void shouldBeContentWithAllOfEbpf() {
        Finding finding = finding(OsEvents.AUTO, new OsEventsProbe("ebpf", List.of(RUNS, RUNS), null, null));
        assertThat(finding).isEqualTo(Finding.ok("os-events", "ebpf, programs 2 of 2"));
    }

    @Test
    void shouldNameProgramsThatTheKernelRefuses() {
        Finding finding = finding(OsEvents.AUTO, new OsEventsProbe("ebpf", List.of(RUNS, REFUSED), null, null));
        assertThat(finding)
                .isEqualTo(
                        Finding.weak("os-events", "ebpf, programs 1 of 2", "oom: The kernel has no such tracepoint."));
    }

    @Test
    void shouldSayWhyNetlinkIsTakenAndWhatItDoesNotSee() {
        OsEventsProbe probe = new OsEventsProbe("netlink", List.of(RUNS, REFUSED), "libbpf is not there.", null);
        Finding finding = finding(OsEvents.AUTO, probe);
        assertThat(finding.status()).isEqualTo(Finding.Status.WEAK);
        assertThat(finding.detail()).isEqualTo("netlink, not eBPF: libbpf is not there.");
        assertThat(finding.remedy()).contains("The kernel has no such tracepoint.");
    }

    @Test
    void shouldNotComplainOfNetlinkThatWasAskedFor() {
        OsEventsProbe probe = new OsEventsProbe("netlink", List.of(RUNS, REFUSED), null, null);
        assertThat(finding(OsEvents.NETLINK, probe).status()).isEqualTo(Finding.Status.OK);
    }

    @Test
    void shouldRecordPacketsWithoutAnyUnlessTheyWereAskedForByName() {
        OsEventsProbe neither = new OsEventsProbe(null, List.of(), "No libbpf.", "Not root.");
        Finding weak = finding(OsEvents.AUTO, neither);
        assertThat(weak.status()).isEqualTo(Finding.Status.WEAK);
        assertThat(weak.detail()).isEqualTo("none; eBPF: No libbpf.; netlink: Not root.");
        Finding broken = finding(OsEvents.EBPF, new OsEventsProbe(null, List.of(), "No libbpf.", null));
        assertThat(broken.status()).isEqualTo(Finding.Status.BROKEN);
        assertThat(broken.detail()).isEqualTo("none; eBPF: No libbpf.");
    }

    @Test
    void shouldTryNothingWhereTheyAreOff() {
        assertThat(OsEventChecks.check(OsEvents.OFF)).isEqualTo(Finding.ok("os-events", "off, as configured"));
    }

    private static Finding finding(OsEvents wanted, OsEventsProbe probe) {
        return OsEventChecks.finding(wanted, probe);
    }
}

package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.events.EventSource;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.AgentConfig.CaptureImplementation;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OsEventSourcesTest {
    private final ScriptedFeed ebpf = new ScriptedFeed();
    private final ScriptedFeed netlink = new ScriptedFeed();

    private static OsEventFeed refused(String why) {
        throw new HindsightException(ErrorCode.UNSUPPORTED_PLATFORM, why);
    }

    private static Optional<EventSource> choose(
            OsEvents wanted, Supplier<OsEventFeed> ebpf, Supplier<OsEventFeed> netlink) {
        return new OsEventSources(ebpf, netlink, () -> 0).of(config(wanted), PodDirectory.NONE);
    }

    private static AgentConfig config(OsEvents wanted) {
        return new AgentConfig(
                new NodeId("node-1"),
                Path.of("ring"),
                new DataSize(16L << 20),
                new DataSize(1L << 20),
                List.of("any"),
                0,
                "",
                CaptureImplementation.AUTO,
                1,
                new DataSize(8L << 20),
                null,
                false,
                new DataSize(0),
                new EventsConfig(wanted, KubernetesEvents.OFF, null, false));
    }

    @Test
    void shouldTakeEbpfFirst() {
        EventSource source = choose(OsEvents.AUTO, () -> ebpf, () -> netlink).orElseThrow();
        source.close();
        assertThat(ebpf.isClosed()).isTrue();
        assertThat(netlink.isClosed()).isFalse();
    }

    @Test
    void shouldTakeNetlinkWhereEbpfIsRefusedAndSayWhy() {
        EventSource source = choose(OsEvents.AUTO, () -> refused("The kernel says no."), () -> netlink).orElseThrow();
        assertThat(source.programs()).contains(new ProgramStatus("ebpf", false, "The kernel says no."));
        source.close();
        assertThat(netlink.isClosed()).isTrue();
    }

    @Test
    void shouldGoWithoutWhereNeitherCanBeHad() {
        assertThat(choose(OsEvents.AUTO, () -> refused("no"), () -> refused("no"))).isEmpty();
    }

    @Test
    void shouldTakeNothingWhereItIsOff() {
        assertThat(choose(OsEvents.OFF, () -> ebpf, () -> netlink)).isEmpty();
    }

    @Test
    void shouldFailWhereWhatIsAskedForByNameCannotBeHad() {
        assertThatThrownBy(() -> choose(OsEvents.EBPF, () -> refused("The kernel says no."), () -> netlink))
                .isInstanceOf(HindsightException.class)
                .hasMessage("The kernel says no.");
        assertThatThrownBy(() -> choose(OsEvents.NETLINK, () -> ebpf, () -> refused("Not root.")))
                .isInstanceOf(HindsightException.class)
                .hasMessage("Not root.");
    }

    @Test
    void shouldTellWhatItWouldTake() {
        List<ProgramStatus> programs = List.of(new ProgramStatus("script", true, null));
        OsEventSources sources = new OsEventSources(() -> refused("The kernel says no."), () -> netlink, () -> 0);
        assertThat(sources.probe(OsEvents.AUTO))
                .isEqualTo(new OsEventsProbe("scripted", programs, "The kernel says no.", null));
        assertThat(netlink.isClosed()).isTrue();
        assertThat(sources.probe(OsEvents.EBPF))
                .isEqualTo(new OsEventsProbe(null, List.of(), "The kernel says no.", null));
        assertThat(sources.probe(OsEvents.NETLINK)).isEqualTo(new OsEventsProbe("scripted", programs, null, null));
    }

    @Test
    void shouldOpenASourceEachTimeItIsAsked() {
        OsEventSources sources = new OsEventSources(() -> refused("no"), () -> netlink, () -> 0);
        Supplier<EventSource> opener = sources.opener(config(OsEvents.AUTO), PodDirectory.NONE).orElseThrow();
        assertThat(opener.get()).isNotSameAs(opener.get());
        assertThat(sources.opener(config(OsEvents.OFF), PodDirectory.NONE)).isEmpty();
        OsEventSources none = new OsEventSources(() -> refused("no"), () -> refused("no"), () -> 0);
        assertThat(none.opener(config(OsEvents.AUTO), PodDirectory.NONE)).isEmpty();
    }
}

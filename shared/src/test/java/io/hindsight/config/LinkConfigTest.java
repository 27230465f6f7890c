package io.hindsight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.HindsightException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkConfigTest {
    private static LinkConfig config(String hub, boolean insecure) {
        return new LinkConfig(URI.create(hub), null, TlsFiles.NONE, insecure);
    }

    @ParameterizedTest
    @CsvSource({
        "kubernetes://tools/hindsight-hub, tools, hindsight-hub, 0, true",
        "kubernetes://tools/hindsight-hub:8899, tools, hindsight-hub, 8899, true",
        "kubernetes+http://t-1/h:65535, t-1, h, 65535, false"
    })
    void shouldTakeAService(String hub, String namespace, String name, int port, boolean tls) {
        LinkConfig config = config(hub, true);

        assertThat(config.service()).isEqualTo(new HubService(namespace, name, port));
        assertThat(config.port()).isEqualTo(port);
        assertThat(config.isTls()).isEqualTo(tls);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kubernetes://tools",
                "kubernetes://tools/",
                "kubernetes:///hub",
                "kubernetes://tools/hub/more",
                "kubernetes://tools/hub:https",
                "kubernetes://tools/hub:0",
                "kubernetes://tools/hub:65536",
                "kubernetes://Tools/hub",
                "kubernetes://user@tools/hub",
                "kubernetes://tools:8899/hub",
                "kubernetes://tools/hub?x=1",
                "kubernetes://tools/hub%2F..",
                "kubernetes://-tools/hub"
            })
    void shouldRefuseWhatNamesNoService(String hub) {
        assertThatThrownBy(() -> config(hub, true))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining("kubernetes://NAMESPACE/SERVICE[:PORT]")
                .hasMessageContaining(hub);
    }

    @Test
    void shouldTakeAServiceWithoutTlsOnlyWhereThatIsSaid() {
        assertThatThrownBy(() -> config("kubernetes+http://tools/hub", false))
                .hasMessageContaining("use kubernetes://")
                .hasMessageContaining("insecure=true");
        assertThatThrownBy(() -> config("kubernetes+https://tools/hub", false)).hasMessageContaining("is an address");
    }
}

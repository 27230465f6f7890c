package io.hindsight.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiAccessTest {
    private static final Map<String, String> IN_POD =
            Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1", "KUBERNETES_SERVICE_PORT", "443");

    @TempDir Path folder;

    private static EventsConfig events(KubernetesEvents kubernetes, @Nullable Path kubeconfig, boolean cluster) {
        return new EventsConfig(OsEvents.OFF, kubernetes, kubeconfig, cluster);
    }

    @Test
    void shouldWatchInAPodAndNowhereElseUnlessToldTo() throws IOException {
        EventsConfig auto = events(KubernetesEvents.AUTO, null, false);
        assertThat(ApiAccess.of(auto, Map.of(), folder)).isEmpty();
        assertThat(ApiAccess.of(auto, IN_POD, folder)).as("no token").isEmpty();
        Files.writeString(folder.resolve("token"), "t-1\n");
        assertThat(ApiAccess.of(auto, Map.of(), folder)).as("a token alone").isEmpty();
        Config config = ApiAccess.of(auto, IN_POD, folder).orElseThrow();
        assertThat(config.getMasterUrl()).isEqualTo("https://10.96.0.1:443/");
        assertThat(config.getOauthTokenProvider().getToken()).isEqualTo("t-1");
        assertThat(ApiAccess.of(events(KubernetesEvents.OFF, null, false), IN_POD, folder)).isEmpty();
        assertThat(
                        ApiAccess.of(auto, Map.of("KUBERNETES_SERVICE_HOST", "fd00::1"), folder)
                                .orElseThrow()
                                .getMasterUrl())
                .isEqualTo("https://[fd00::1]:443/");
    }

    @Test
    void shouldSayWhatIsMissingWhereItMustWatch() {
        assertUnusable(events(KubernetesEvents.ON, null, false), "kubernetes=on needs a way to the API server");
        assertUnusable(events(KubernetesEvents.AUTO, null, true), "cluster-recorder=true needs a way");
        assertUnusable(events(KubernetesEvents.AUTO, folder.resolve("none"), false), "cannot be read: file=");
    }

    @Test
    void shouldNotQuoteAFileThatIsNoKubeconfig() throws IOException {
        Path file = Files.writeString(folder.resolve("config"), "users: [{name: s3cr3t, user: {token: s3cr3t");
        assertThatThrownBy(() -> ApiAccess.of(events(KubernetesEvents.ON, file, false), Map.of(), folder))
                .hasMessageContaining("The kubeconfig is not one: file=")
                .hasNoCause()
                .extracting(Throwable::getMessage)
                .asString()
                .doesNotContain("s3cr3t");
    }

    private void assertUnusable(EventsConfig config, String why) {
        assertThatThrownBy(() -> ApiAccess.of(config, Map.of(), folder))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                .hasMessageContaining(why);
    }

    @Test
    void shouldReadTheTokenAgainWhenItsFileChanges() throws IOException {
        Path file = Files.writeString(folder.resolve("token"), "first\n");
        ServiceAccountToken token = new ServiceAccountToken(file);
        assertThat(token.getToken()).isEqualTo("first");
        Files.writeString(file, "second");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(5)));
        assertThat(token.getToken()).isEqualTo("second");
        Files.delete(file);
        assertThat(token.getToken()).as("until there is a new one").isEqualTo("second");
        Files.writeString(file, "x".repeat(ServiceAccountToken.MAX_FILE_LENGTH + 1));
        assertThat(token.getToken()).isEqualTo("second");
    }
}

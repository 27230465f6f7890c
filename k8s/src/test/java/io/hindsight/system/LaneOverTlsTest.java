package io.hindsight.system;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Over TLS, with a certificate that the agent checks. */
class LaneOverTlsTest extends LaneContract {
    @TempDir private static Path folder = Path.of("");

    LaneOverTlsTest() {
        super(LaneCertificate.in(folder).ends());
    }
}

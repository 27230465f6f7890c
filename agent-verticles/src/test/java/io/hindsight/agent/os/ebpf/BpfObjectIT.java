package io.hindsight.agent.os.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.WithoutCapabilities;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a kernel refuses is left out and told; objects of {@code src/test/ebpf}. */
class BpfObjectIT {
    private static final BpfSetup NOTHING = new BpfSetup(Map.of(), Map.of());

    @BeforeEach
    void require() {
        Root.require("programs in the kernel");
        Tools.require("clang", "llvm-strip");
    }

    @Test
    void shouldLeaveOutWhatTheKernelRefusesOneByOne() throws IOException {
        try (BpfObject object = BpfObject.attach(compiled("partly"), NOTHING)) {
            assertThat(object.programs())
                    .extracting(ProgramStatus::name)
                    .containsExactly("accepted", "unsafe", "absent", "absent_plain");
            assertThat(object.programs())
                    .extracting(ProgramStatus::attached)
                    .containsExactly(true, false, false, false);
            assertThat(object.programs().get(0).reason()).isNull();
            assertThat(object.programs().get(1).reason())
                    .startsWith("The kernel refuses to load it: Permission denied (errno=13); ")
                    .contains("invalid mem access 'scalar'");
            assertThat(object.programs().get(2).reason())
                    .isEqualTo("This kernel has no raw_tracepoint/hindsight_absent.");
            assertThat(object.programs().get(3).reason()).isEqualTo("This kernel has no tracepoint/hindsight/absent.");
        }
    }

    @Test
    void shouldSayThatTheKernelTakesNothing() {
        assertThatThrownBy(() -> BpfObject.attach(compiled("refused"), NOTHING))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_PLATFORM))
                .hasMessageContaining(System.getProperty("os.version"))
                .hasMessageContaining("CONFIG_DEBUG_INFO_BTF")
                .hasMessageContaining("unsafe: The kernel refuses to load it");
    }

    @Test
    void shouldNameThePrivilegeThatIsMissing() {
        assertThatThrownBy(() -> WithoutCapabilities.run(() -> attachPartly()))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MISSING_PRIVILEGE))
                .hasMessageContaining("CAP_BPF and CAP_PERFMON")
                .hasMessageContaining("sudo ./hindsight up");
    }

    @Test
    void shouldRefuseAnImageThatIsNone() {
        assertThatThrownBy(() -> BpfObject.attach(new byte[64], NOTHING))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_PLATFORM))
                .hasMessageContaining("apt-get install -y libbpf1");
    }

    private static void attachPartly() {
        try {
            BpfObject.attach(compiled("partly"), NOTHING).close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] compiled(String name) throws IOException {
        return Files.readAllBytes(Path.of("target/ebpf", name + ".bpf.o"));
    }
}

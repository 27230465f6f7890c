package io.hindsight.launcher.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.config.Configuration;
import io.hindsight.config.DataSize;
import io.hindsight.config.Setting;
import io.hindsight.config.Setting.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

class SettingOptionsTest {
    @Test
    void shouldMakeAnOptionOfEverySettingOfTheRole() {
        CommandSpec hub = CommandSpec.create();
        SettingOptions.addTo(hub, Role.HUB);

        for (Setting setting : Setting.values()) {
            assertThat(hub.findOption(setting.option()) != null).isEqualTo(setting.concerns(Role.HUB));
        }
    }

    @Test
    void shouldPreferOptionsAndReadTheFileOfTheEnvironment() throws IOException {
        Path file = Files.writeString(Files.createTempFile("hindsight", ".yaml"), "storage-size: 32Mi\nport: 1\n");
        try {
            CommandSpec command = CommandSpec.create();
            SettingOptions.addTo(command, Role.BOTH);
            ParseResult given =
                    new CommandLine(command)
                            .parseArgs(
                                    "--port", "2", "--interface", "eth*", "--interface=lo,any", "--slot-size", "1Mi");

            Configuration loaded = SettingOptions.load(given, Role.BOTH, Map.of("HINDSIGHT_CONFIG", file.toString()));

            assertThat(loaded.hubConfig().port()).isEqualTo(2);
            assertThat(loaded.agentConfig().storageSize()).isEqualTo(DataSize.parse("32Mi"));
            assertThat(loaded.agentConfig().interfaces()).containsExactly("eth*", "lo", "any");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void shouldDescribeEverySettingInTheDocuments() throws IOException {
        String document = Files.readString(Path.of("../docs/CLI.md"));

        for (Setting setting : Setting.values()) {
            assertThat(document).contains("| `" + setting.key() + "` |");
        }
    }
}

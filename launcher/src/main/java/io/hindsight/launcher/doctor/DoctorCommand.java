package io.hindsight.launcher.doctor;

import io.hindsight.config.Configuration;
import io.hindsight.config.Setting.Role;
import io.hindsight.config.SettingValue;
import io.hindsight.launcher.cli.CommonOptions;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import io.hindsight.launcher.server.SettingOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code doctor}: what works here, and how to mend the rest. */
@Command(
        name = "doctor",
        description = "Shows what works on this machine and how to mend the rest; exits 0 if recording can work.")
public final class DoctorCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private final CommonOptions common = new CommonOptions();

    private DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The command with every setting as an option. */
    public static CommandLine commandLine(Terminal terminal) {
        CommandLine commandLine = new CommandLine(new DoctorCommand(terminal));
        SettingOptions.addToDoctor(commandLine.getCommandSpec());
        return commandLine;
    }

    @Override
    public Integer call() {
        Configuration configuration =
                SettingOptions.load(spec.commandLine().getParseResult(), Role.BOTH, System.getenv());
        if (SettingOptions.configGiven(spec.commandLine().getParseResult())) {
            showConfiguration(configuration.values());
            return ExitStatus.DONE.code();
        }
        List<Finding> findings = findings(configuration);
        boolean canRecord = findings.stream().noneMatch(finding -> finding.status() == Finding.Status.BROKEN);
        if (common.json()) {
            terminal.out().println(json(findings, canRecord).encode());
        } else {
            print(findings, canRecord);
        }
        return (canRecord ? ExitStatus.DONE : ExitStatus.FAILED).code();
    }

    private static List<Finding> findings(Configuration configuration) {
        DataFolderChecks data = new DataFolderChecks(configuration);
        return List.of(
                MachineChecks.jdk(),
                MachineChecks.kernel(),
                MachineChecks.privilege(),
                MachineChecks.capture(),
                OsEventChecks.check(configuration.agentConfig().events().os()),
                MachineChecks.libpcap(),
                MachineChecks.epoll(),
                data.room(),
                data.immutable(),
                SystemClock.check(),
                MachineChecks.lockedMemory(),
                MachineChecks.tshark());
    }

    private void print(List<Finding> findings, boolean canRecord) {
        for (Finding finding : findings) {
            terminal.out()
                    .println(
                            String.format(
                                    Locale.ROOT,
                                    "%-7s %-10s %s",
                                    finding.status().name().toLowerCase(Locale.ROOT),
                                    finding.check(),
                                    finding.detail()));
            if (!finding.remedy().isEmpty()) {
                terminal.out().println("                   " + finding.remedy());
            }
        }
        terminal.out().println(canRecord ? "Recording can work here." : "Recording cannot work here yet.");
    }

    private static JsonObject json(List<Finding> findings, boolean canRecord) {
        JsonArray checks = new JsonArray();
        for (Finding finding : findings) {
            JsonObject check =
                    new JsonObject()
                            .put("check", finding.check())
                            .put("status", finding.status().name())
                            .put("detail", finding.detail());
            checks.add(finding.remedy().isEmpty() ? check : check.put("remedy", finding.remedy()));
        }
        return new JsonObject().put("canRecord", canRecord).put("checks", checks);
    }

    private void showConfiguration(List<SettingValue> values) {
        if (common.json()) {
            JsonArray settings = new JsonArray();
            values.forEach(value ->
                    settings.add(
                            new JsonObject()
                                    .put("setting", value.setting().key())
                                    .put("value", value.text())
                                    .put("origin", value.origin().toString())));
            terminal.out().println(new JsonObject().put("settings", settings).encode());
            return;
        }
        Table table = new Table("SETTING", "VALUE", "ORIGIN");
        values.forEach(value -> table.row(value.setting().key(), value.text(), value.origin().toString()));
        table.print(terminal.out());
    }
}

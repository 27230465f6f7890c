package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.SnapshotState;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.access.Permission;
import io.hindsight.hub.access.Role;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every action of the bus and every role, at the bridge. */
final class BridgeAccessTest {
    private static final List<String> READS = List.of("OPEN", "CREDIT", "CLOSE");
    private static final String OWN = Addresses.client("0123456789abcdef-own");

    @TempDir private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final Vertx programs = Vertx.vertx();

    @AfterEach
    void stop() {
        programs.close().await();
        vertx.close().await();
    }

    private static Permission permission(SnapshotAction action) {
        return switch (action) {
            case LIST, GET, MANIFEST, SCRUB_STATUS, VOLUME, GET_BATCH -> Permission.GET;
            case CREATE, CANCEL, END, BATCH, CANCEL_BATCH -> Permission.CREATE;
            case VERIFY -> Permission.VERIFY;
            case DELETE, RETENTION -> Permission.DELETE;
            case LOCK -> Permission.LOCK;
        };
    }

    private static String token(Role role) {
        return role.label() + "-token-0123456789";
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void shouldLetEachRoleAskWhatHttpLetsItAsk(Role role) throws IOException {
        HubDouble hub = new HubDouble(vertx);
        hub.snapshots.put("s-1", HubDouble.snapshot("s-1", SnapshotState.COMPLETE, 7));
        vertx.eventBus().<JsonObject>localConsumer(Addresses.READS, message -> message.reply(new JsonObject()));
        Path tokens = Files.writeString(folder.resolve("t"), "who:" + role.label() + ":" + token(role) + "\n");
        HubConfig config = TestApi.withTokens(HubConfig.withDefaults(folder, 0), tokens);
        try (TestApi api = new TestApi(vertx, config, HttpLimits.DEFAULTS);
                ProgramClient program = ProgramClient.open(programs, api.port(), ProgramClient.PLAIN, token(role))) {
            program.register(OWN);
            for (SnapshotAction action : SnapshotAction.values()) {
                assertMay(program, role, Addresses.SNAPSHOTS, action.name(), permission(action));
            }
            for (NodeAction action : NodeAction.values()) {
                assertMay(program, role, Addresses.NODES, action.name(), Permission.GET);
            }
            for (String action : READS) {
                assertMay(program, role, Addresses.READS, action, Permission.EXPORT);
            }
        }
    }

    private static void assertMay(
            ProgramClient program, Role role, String address, String action, Permission permission) {
        JsonObject body = new JsonObject().put("id", "s-1").put("address", OWN).put("carrier", "BUFFERS");
        JsonObject answer =
                program.request(address, action, action.equals(SnapshotAction.LIST.name()) ? new JsonObject() : body);
        boolean refused = Integer.valueOf(ErrorCode.FORBIDDEN.number()).equals(answer.getInteger("failureCode"));
        assertThat(refused)
                .as("%s %s of %s: %s", address, action, role, answer)
                .isNotEqualTo(role.permissions().contains(permission));
        assertThat(answer.getString("type")).isEqualTo(refused ? "err" : "rec");
    }

    @Test
    void shouldHaveAnEntryForEachActionAndNoOther() {
        assertThat(OperationPermissions.actions(Addresses.SNAPSHOTS))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(SnapshotAction.values()).map(Enum::name).toList());
        assertThat(OperationPermissions.actions(Addresses.NODES))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(NodeAction.values()).map(Enum::name).toList());
        assertThat(OperationPermissions.actions(Addresses.READS)).containsExactlyInAnyOrderElementsOf(READS);
        assertThat(OperationPermissions.ofAction(Addresses.CAPTURE, "SET")).isEmpty();
        assertThat(OperationPermissions.ofAction(Addresses.SNAPSHOTS, "")).isEmpty();
    }
}

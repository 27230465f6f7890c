package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.SnapshotState;
import io.hindsight.config.HubConfig;
import io.hindsight.hub.access.Permission;
import io.hindsight.hub.access.Role;
import io.hindsight.hub.http.AccessTable.Column;
import io.hindsight.hub.http.AccessTable.Endpoint;
import io.hindsight.hub.http.AccessTable.Standing;
import io.vertx.core.Vertx;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every endpoint and every kind of caller of a token file. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AccessTableTest {
    private static final String TOKENS =
            """
            vera:viewer:viewer-token-0123456789
            anna:analyst:analyst-token-0123456789
            otto:admin:admin-token-0123456789
            alice:plain-token-0123456789
            bare-token-0123456789
            agent:agent-token-0123456789
            agent@node-a:node-a-token-0123456789
            agent@node-b:node-b-token-0123456789
            """;

    private static final List<Column> COLUMNS =
            List.of(
                    Column.ofToken("viewer", "viewer-token-0123456789", Standing.VIEWER),
                    Column.ofToken("analyst", "analyst-token-0123456789", Standing.ANALYST),
                    Column.ofToken("admin", "admin-token-0123456789", Standing.ADMIN),
                    Column.ofToken("name without a role", "plain-token-0123456789", Standing.ADMIN),
                    Column.ofToken("agent", "agent-token-0123456789", Standing.AGENT_OF_NODE),
                    Column.ofToken("agent of the node", "node-a-token-0123456789", Standing.AGENT_OF_NODE),
                    Column.ofToken("agent of another node", "node-b-token-0123456789", Standing.AGENT_OF_OTHER_NODE),
                    new Column("no token", List.of(), Standing.UNKNOWN),
                    Column.ofToken("unknown token", "unknown-token-0123456789", Standing.UNKNOWN),
                    Column.ofToken("token with its role", "viewer:viewer-token-0123456789", Standing.UNKNOWN),
                    new Column("empty", List.of("Authorization: "), Standing.UNKNOWN),
                    new Column("no scheme", List.of("Authorization: admin-token-0123456789"), Standing.UNKNOWN),
                    new Column("another scheme", List.of("Authorization: Basic YWxpY2U6cGxhaW4="), Standing.UNKNOWN),
                    new Column(
                            "two tokens",
                            List.of(
                                    "Authorization: Bearer admin-token-0123456789",
                                    "Authorization: Bearer viewer-token-0123456789"),
                            Standing.UNKNOWN),
                    new Column(
                            "bytes", List.of("Authorization: Bearer \u00e9\u00ff\u0080admin-token"), Standing.UNKNOWN));

    @TempDir private static Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private HubDouble hub;
    private TestApi api;

    @BeforeAll
    void start() throws IOException {
        hub = new HubDouble(vertx);
        HubConfig config =
                TestApi.withTokens(HubConfig.withDefaults(folder, 0), Files.writeString(folder.resolve("t"), TOKENS));
        api = new TestApi(vertx, config, HttpLimits.DEFAULTS);
    }

    @AfterAll
    void stop() {
        api.close();
        vertx.close().await();
    }

    static Stream<Column> columns() {
        return COLUMNS.stream();
    }

    @ParameterizedTest
    @MethodSource("columns")
    void shouldLetInWhomTheTableLetsIn(Column column) throws IOException {
        for (Endpoint endpoint : AccessTable.endpoints()) {
            hub.snapshots.put(
                    AccessTable.SNAPSHOT, HubDouble.snapshot(AccessTable.SNAPSHOT, SnapshotState.COMPLETE, 1));
            AccessTable.requireAnswer(api.port(), api.laneTokens(), endpoint, column);
        }
    }

    @Test
    void shouldLetATokenWithoutANameDoEverything() throws IOException {
        Column user = Column.ofToken("bare token", "bare-token-0123456789", Standing.ADMIN);
        Column agent = Column.ofToken("bare token", "bare-token-0123456789", Standing.AGENT_OF_NODE);
        for (Endpoint endpoint : AccessTable.endpoints()) {
            hub.snapshots.put(
                    AccessTable.SNAPSHOT, HubDouble.snapshot(AccessTable.SNAPSHOT, SnapshotState.COMPLETE, 1));
            boolean ofAgents = endpoint.needs() == AccessTable.Needs.AGENT_OF_NODE;
            AccessTable.requireAnswer(api.port(), api.laneTokens(), endpoint, ofAgents ? agent : user);
        }
    }

    @Test
    void shouldHaveARowForEveryOperationOfTheContract() {
        Set<String> rows =
                AccessTable.endpoints().stream()
                        .filter(endpoint -> endpoint.template() != null)
                        .map(endpoint -> endpoint.method() + " " + endpoint.template())
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> operations = new TreeSet<>();
        for (io.vertx.openapi.contract.Path path : contract().getPaths()) {
            path.getOperations().forEach(operation -> operations.add(operation.getHttpMethod() + " " + path.getName()));
        }
        assertThat(rows).isEqualTo(operations);
    }

    @Test
    void shouldNameAPermissionForEveryOperationOfTheContract() {
        assertThat(OperationPermissions.operations())
                .containsExactlyInAnyOrderElementsOf(
                        contract().operations().stream().map(Operation::getOperationId).toList());
        assertThatThrownBy(() -> OperationPermissions.required("readMinds"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("operation=readMinds");
    }

    @Test
    void shouldSayWhoMayNotDoWhatAndWhichRoleMay() {
        TestApi.assertProblem(
                api.get("/api/v1/custody", "Authorization", "Bearer analyst-token-0123456789"),
                403,
                "FORBIDDEN",
                "Authorization");
        assertThat(
                        TestApi.problem(api.get("/api/v1/custody", "Authorization", "Bearer analyst-token-0123456789"))
                                .getString("detail"))
                .isEqualTo(
                        "The caller anna may not listCustody: that takes permission=audit, which role=admin grants, or in Kubernetes the verb audit on snapshots.hindsight.io.");
        assertThat(
                        TestApi.problem(
                                        api.get(
                                                "/api/v1/snapshots/some-id/pcap",
                                                "Authorization",
                                                "Bearer viewer-token-0123456789"))
                                .getString("detail"))
                .contains("The caller vera may not exportPackets", "permission=export", "role=analyst");
        assertThat(hub.recorded.toString()).contains("anna", "vera", "FORBIDDEN").doesNotContain("token-0123456789");
    }

    @Test
    void shouldGrantEachPermissionByARole() {
        assertThat(Role.granting(Permission.GET)).isEqualTo(Role.VIEWER);
        assertThat(Role.granting(Permission.VERIFY)).isEqualTo(Role.ANALYST);
        assertThat(Role.granting(Permission.CAPTURE)).isEqualTo(Role.ADMIN);
        assertThat(Role.ADMIN.permissions()).containsExactlyInAnyOrder(Permission.values());
    }

    private static OpenAPIContract contract() {
        Vertx reading = Vertx.vertx();
        try {
            return ApiContract.load(reading).await().contract();
        } finally {
            reading.close().await();
        }
    }
}

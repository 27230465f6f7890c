package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.CaptureAction;
import io.hindsight.bus.CustodyCall;
import io.hindsight.bus.NodeAction;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.access.RequestHeaders;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** EVENT_BUS.md names every address, action, header and error that the code has, and what each action takes. */
final class EventBusDocumentTest {
    private final String document = Files.readString(Path.of("..", "docs", "EVENT_BUS.md"));

    EventBusDocumentTest() throws IOException {}

    /** A row of a table that starts so. */
    private void assertRow(String first, String... others) {
        List<String> rows = document.lines().filter(line -> line.startsWith("| " + first + " |")).toList();
        assertThat(rows).as("rows of %s", first).isNotEmpty();
        assertThat(rows)
                .as("%s has %s", first, List.of(others))
                .anyMatch(row -> Stream.of(others).allMatch(row::contains));
    }

    @Test
    void shouldNameEveryAddress() throws IllegalAccessException {
        for (Field field : Addresses.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
                assertThat(document).as(field.getName()).contains("`" + field.get(null));
            }
        }
        assertThat(document)
                .contains("`" + Addresses.client("TOKEN") + "`")
                .contains("`" + Addresses.agent(new NodeId("NODE")) + "`")
                .contains("`" + Addresses.chunksOf(new NodeId("NODE")));
    }

    @Test
    void shouldNameEveryActionAndWhatItTakes() {
        for (String address : List.of(Addresses.SNAPSHOTS, Addresses.NODES, Addresses.READS)) {
            for (String action : OperationPermissions.actions(address)) {
                assertRow("`" + action + "`", OperationPermissions.ofAction(address, action).orElseThrow().verb());
            }
        }
        Stream.of(
                        SnapshotAction.values(),
                        NodeAction.values(),
                        AgentAction.values(),
                        CaptureAction.values(),
                        CustodyCall.values())
                .flatMap(Stream::of)
                .forEach(action -> assertThat(document).contains("`" + action + "`"));
    }

    @Test
    void shouldNameEveryErrorWithItsNumber() {
        for (ErrorCode code : ErrorCode.values()) {
            assertRow(Integer.toString(code.number()), "`" + code + "`");
        }
    }

    @Test
    void shouldNameTheHeaders() {
        for (String header :
                List.of(
                        Addresses.ACTION_HEADER,
                        RequestHeaders.REQUESTED_BY,
                        RequestHeaders.REQUESTED_FROM,
                        RequestHeaders.IDEMPOTENCY_KEY)) {
            assertRow("`" + header + "`");
        }
    }
}

package io.hindsight.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BridgeFramesTest {
    @Test
    void shouldReadAMessage() {
        String text =
                """
                {"type":"rec","address":"a","replyAddress":"r","headers":{"action":"PLAN","more":["x","y"],"n":1},"body":{"b":1}}
                """;

        assertThat(BridgeFrames.parse(text))
                .contains(new BridgeFrame.Received("a", "r", Map.of("action", "PLAN"), new JsonObject().put("b", 1)));
    }

    @Test
    void shouldReadWhatFailed() {
        assertThat(BridgeFrames.parse("{\"type\":\"err\",\"body\":\"access_denied\"}"))
                .contains(new BridgeFrame.Failed(null, "access_denied"));
        assertThat(
                        BridgeFrames.parse(
                                "{\"type\":\"err\",\"address\":\"r\",\"failureCode\":-1,\"message\":\"Timed\\nout\"}"))
                .contains(new BridgeFrame.Failed("r", "Timed out", -1, "Timed\nout"));
        assertThat(BridgeFrames.parse("{\"type\":\"err\"}")).contains(new BridgeFrame.Failed(null, "no reason given"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "1",
                "\"rec\"",
                "{}",
                "{\"type\":null}",
                "{\"type\":1}",
                "{\"type\":{\"rec\":1}}",
                "{\"type\":\"publish\",\"address\":\"a\"}",
                "{\"type\":\"rec\"}",
                "{\"type\":\"rec\",\"address\":[]}",
                "{\"type\":\"rec\",\"address\":\"a\"",
                "{\"type\":\"rec\",\"address\":\"a\"}x",
                "\u0000\uffff"
            })
    void shouldPassOverWhatIsNoMessage(String text) {
        assertThat(BridgeFrames.parse(text).filter(frame -> !(frame instanceof BridgeFrame.Received))).isEmpty();
    }

    @Test
    void shouldPassOverWhatIsNestedWithoutEnd() {
        assertThat(BridgeFrames.parse("{\"type\":" + "[".repeat(100_000))).isEmpty();
        assertThat(BridgeFrames.parse("{\"a\":".repeat(40_000))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1]", "7", "null", "true"})
    void shouldTakeABodyThatIsNoObjectForNone(String body) {
        assertThat(BridgeFrames.parse("{\"type\":\"rec\",\"address\":\"a\",\"headers\":7,\"body\":" + body + "}"))
                .contains(new BridgeFrame.Received("a", null, Map.of(), null));
    }

    @Test
    void shouldReadABodyThatIsAText() {
        assertThat(BridgeFrames.parse("{\"type\":\"rec\",\"address\":\"a\",\"body\":\"aGk\"}"))
                .contains(new BridgeFrame.Received("a", null, Map.of(), null, "aGk"));
    }

    @Property(tries = 300)
    void shouldNeverThrow(@ForAll String text) {
        assertThat(BridgeFrames.parse(text)).isNotNull();
    }

    @Test
    void shouldWriteWhatTheBridgeReads() {
        assertThat(new JsonObject(BridgeFrames.send("a", Map.of("h", "v"), new JsonObject().put("b", 1), "r")))
                .isEqualTo(
                        new JsonObject(
                                "{\"type\":\"send\",\"address\":\"a\",\"headers\":{\"h\":\"v\"},\"body\":{\"b\":1},\"replyAddress\":\"r\"}"));
        assertThat(BridgeFrames.send("a", Map.of(), new JsonObject(), null))
                .isEqualTo("{\"type\":\"send\",\"address\":\"a\",\"body\":{}}");
    }
}

package io.hindsight.launcher.client;

import io.hindsight.api.BatchRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Requests of a batch as people and programs write them: an object a line (NDJSON), or a YAML list; times as {@code snapshot create} takes them. */
final class BatchFile {
    /** As much as the Hub takes in one request. */
    private static final int MAX_BYTES = 1 << 20;

    private final String label;
    private final List<String> problems = new ArrayList<>();

    private BatchFile(String label) {
        this.label = label;
    }

    /** The requests in a file, or in what comes where it is {@code -}. */
    static JsonArray read(String file, InputStream standardInput) {
        BatchFile batch = new BatchFile(file);
        try (InputStream in = file.equals("-") ? standardInput : Files.newInputStream(Path.of(file))) {
            return batch.requests(in.readNBytes(MAX_BYTES + 1));
        } catch (IOException | InvalidPathException unreadable) {
            throw batch.wrong("cannot be read (" + unreadable.getClass().getSimpleName() + ")");
        }
    }

    private JsonArray requests(byte[] content) {
        require(content.length <= MAX_BYTES, "is longer than " + MAX_BYTES + " bytes: make several batches of it");
        String text = new String(content, StandardCharsets.UTF_8);
        JsonArray requests = text.stripLeading().startsWith("{") ? ofLines(text) : ofYaml(text);
        require(
                !requests.isEmpty() && requests.size() <= BatchRequest.MAX_REQUESTS,
                "has requests=" + requests.size() + ", a batch has 1 to " + BatchRequest.MAX_REQUESTS);
        for (int item = 0; item < requests.size(); item++) {
            times(item, requests.getJsonObject(item));
        }
        require(problems.isEmpty(), String.join("; ", problems.subList(0, Math.min(10, problems.size()))));
        return requests;
    }

    private JsonArray ofLines(String text) {
        JsonArray requests = new JsonArray();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (!line.isBlank()) {
                requests.add(object(number, line));
            }
        }
        return requests;
    }

    private JsonObject object(int number, String line) {
        try {
            return new JsonObject(line);
        } catch (DecodeException notJson) {
            throw wrong("line " + number + " is no JSON object");
        }
    }

    private JsonArray ofYaml(String text) {
        try {
            Object yaml = new Load(LoadSettings.builder().setLabel(label).build()).loadFromString(text);
            if (yaml instanceof List<?> list && list.stream().allMatch(Map.class::isInstance)) {
                // Through JSON: keys that are no text, and what else JSON does not know, end here.
                return new JsonArray(new JsonArray(list).encode());
            }
        } catch (YamlEngineException | DecodeException | ClassCastException | IllegalStateException notYaml) {
            String why = String.valueOf(notYaml.getMessage()).lines().findFirst().orElse("");
            throw wrong("is neither an object a line nor YAML (" + why + ")");
        }
        throw wrong("is a list of requests, for example \"- {from: -10m, to: -5m}\"");
    }

    private void times(int item, JsonObject request) {
        time(item, request, "from", new TimeOption());
        time(item, request, "to", new TimeOption());
        time(item, request, "lockUntil", new DeadlineOption());
    }

    private <T> void time(int item, JsonObject request, String field, ITypeConverter<T> converter) {
        if (request.getValue(field) instanceof String text) {
            try {
                request.put(field, String.valueOf(converter.convert(text)));
            } catch (TypeConversionException notATime) {
                problems.add("requests[" + item + "]." + field + ": " + notATime.getMessage());
            } catch (Exception unexpected) { // what picocli's converters declare
                throw new IllegalStateException(unexpected);
            }
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw wrong(otherwise);
        }
    }

    private CommandFailure wrong(String what) {
        return CommandFailure.of(ErrorCode.INVALID_REQUEST, label + ": " + what);
    }
}

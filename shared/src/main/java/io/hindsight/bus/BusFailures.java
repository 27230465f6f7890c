package io.hindsight.bus;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.error.ItemFault;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link HindsightException}s across the event bus: the failure code is {@link ErrorCode#number()}, the failure message a JSON object
 * with {@code message} and, where there is one, {@code field}. The bridge's protocol knows no failures: over it the same number stands in
 * the header {@value #FAILURE_HEADER} of an answer, and the same JSON object is its body.
 */
public final class BusFailures {
    /** Header of an answer that is a failure: {@link ErrorCode#number()}. */
    public static final String FAILURE_HEADER = "failure-code";

    private BusFailures() {}

    /** Fails the message with the error's code; anything else than a {@link HindsightException} becomes {@link ErrorCode#INTERNAL}. */
    public static void fail(Message<?> message, Throwable error) {
        HindsightException known = asHindsight(error);
        message.fail(known.code().number(), detail(known).encode());
    }

    /** What a failure says beside its code. */
    public static JsonObject detail(HindsightException failure) {
        JsonObject detail = new JsonObject().put("message", failure.getMessage());
        if (failure.field() != null) {
            detail.put("field", failure.field());
        }
        if (!failure.items().isEmpty()) {
            detail.put("items", items(failure));
        }
        return detail;
    }

    /** {@link HindsightException#items} as a failure and a problem have them. */
    public static JsonArray items(HindsightException failure) {
        JsonArray items = new JsonArray();
        for (ItemFault fault : failure.items()) {
            JsonObject item = new JsonObject().put("item", fault.item()).put("code", fault.code().name());
            if (fault.field() != null) {
                item.put("field", fault.field());
            }
            items.add(item.put("detail", fault.message()));
        }
        return items;
    }

    private static List<ItemFault> items(JsonObject detail) {
        List<ItemFault> items = new ArrayList<>();
        if (detail.getValue("items") instanceof JsonArray told) {
            for (Object each : told) {
                if (each instanceof JsonObject fault && fault.getValue("item") instanceof Integer item) {
                    items.add(
                            new ItemFault(
                                    item,
                                    ErrorCode.ofName(String.valueOf(fault.getValue("code"))).orElse(ErrorCode.INTERNAL),
                                    fault.getValue("field") instanceof String name ? name : null,
                                    String.valueOf(fault.getValue("detail"))));
                }
            }
        }
        return items;
    }

    /**
     * The body of an answer, empty where it has none.
     *
     * @throws HindsightException where the answer is a failure that came over a bridge
     */
    public static JsonObject body(Message<JsonObject> answer) {
        JsonObject body = answer.body() == null ? new JsonObject() : answer.body();
        String failure = answer.headers().get(FAILURE_HEADER);
        if (failure == null) {
            return body;
        }
        throw ofDetail(failureCode(failure), body, "The other side failed without a word.");
    }

    private static ErrorCode failureCode(String number) {
        try {
            return ErrorCode.ofNumber(Integer.parseInt(number)).orElse(ErrorCode.INTERNAL);
        } catch (NumberFormatException notANumber) {
            return ErrorCode.INTERNAL;
        }
    }

    /** The error behind a failed request: also time-outs, missing receivers and plain exceptions. */
    public static HindsightException asHindsight(Throwable error) {
        if (error instanceof HindsightException known) {
            return known;
        }
        if (error instanceof ReplyException reply) {
            return ofReply(reply);
        }
        return new HindsightException(
                ErrorCode.INTERNAL,
                "Unexpected failure: " + error.getClass().getSimpleName() + ": " + error.getMessage(),
                error);
    }

    private static HindsightException ofReply(ReplyException reply) {
        return switch (reply.failureType()) {
            case NO_HANDLERS ->
                    new HindsightException(ErrorCode.AGENT_UNREACHABLE, "Nobody listens there: " + reply.getMessage());
            case TIMEOUT -> new HindsightException(ErrorCode.TIMED_OUT, "No answer in time: " + reply.getMessage());
            case RECIPIENT_FAILURE, ERROR -> ofRecipient(reply);
        };
    }

    private static HindsightException ofRecipient(ReplyException reply) {
        ErrorCode code = ErrorCode.ofNumber(reply.failureCode()).orElse(ErrorCode.INTERNAL);
        String text = String.valueOf(reply.getMessage());
        return ofDetail(code, parsed(text), text);
    }

    private static HindsightException ofDetail(ErrorCode code, JsonObject detail, String otherwise) {
        String message = detail.getValue("message") instanceof String words ? words : otherwise;
        String field = detail.getValue("field") instanceof String name ? name : null;
        List<ItemFault> items = items(detail);
        if (!items.isEmpty()) {
            return HindsightException.ofItems(code, field, message, items);
        }
        return field == null ? new HindsightException(code, message) : HindsightException.ofField(code, field, message);
    }

    /** Empty where a peer that is not Hindsight failed with words of its own. */
    private static JsonObject parsed(String text) {
        try {
            return text.startsWith("{") ? new JsonObject(text) : new JsonObject();
        } catch (DecodeException notJson) {
            return new JsonObject();
        }
    }
}
